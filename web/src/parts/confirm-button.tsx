import { useState } from "react";

/** A button for what cannot be undone: the first press shows the question, the second acts. */
export function ConfirmButton(props: {
  label: string;
  question: string;
  disabled: boolean;
  act: () => void;
}) {
  const [asking, setAsking] = useState(false);
  return (
    <button
      type="button"
      className={asking ? "danger" : "quiet"}
      disabled={props.disabled}
      onBlur={() => setAsking(false)}
      onClick={() => {
        setAsking(!asking);
        if (asking) props.act();
      }}
    >
      {asking ? props.question : props.label}
    </button>
  );
}
