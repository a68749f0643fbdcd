/** What went wrong, said aloud; nothing when nothing did. */
export function ProblemNote({ problem }: { problem: string | null }) {
  if (problem === null) return null;
  return (
    <p role="alert" className="problem">
      {problem}
    </p>
  );
}
