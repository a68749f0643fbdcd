import { type ComponentProps, useId } from "react";

/** An input with its label and, where there are such, a hint and what is wrong with its value. */
export function Field({
  label,
  hint,
  problem,
  ...input
}: ComponentProps<"input"> & { label: string; hint?: string; problem?: string | undefined }) {
  const id = useId();
  const described = [
    ...(hint === undefined ? [] : [`${id}-hint`]),
    ...(problem === undefined ? [] : [`${id}-problem`]),
  ];
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        aria-invalid={problem === undefined ? undefined : true}
        aria-describedby={described.length === 0 ? undefined : described.join(" ")}
        {...input}
      />
      {hint !== undefined && (
        <p id={`${id}-hint`} className="hint">
          {hint}
        </p>
      )}
      {problem !== undefined && (
        <p id={`${id}-problem`} className="problem" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
