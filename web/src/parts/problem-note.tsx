/** What went wrong, which a screen reader announces; nothing for null. */
export function ProblemNote({ problem }: { problem: string | null }) {
  if (problem === null) return null;
  return (
    <p role="alert" className="problem">
      {problem}
    </p>
  );
}
