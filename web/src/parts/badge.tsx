/** A small count; nothing for none. The text beside it says the same to who does not see it. */
export function Badge({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <span className="badge" aria-hidden="true">
      {count > 99 ? "99+" : count}
    </span>
  );
}
