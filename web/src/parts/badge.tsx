/** A small count; nothing for 0. Screen readers do not read it: the text beside it has the same number. */
export function Badge({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <span className="badge" aria-hidden="true">
      {count > 99 ? "99+" : count}
    </span>
  );
}
