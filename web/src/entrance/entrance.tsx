import type { SubmitEvent } from "react";
import { useAction } from "../app/use-action.ts";
import type { Session } from "../client/session.ts";
import { Field } from "../parts/field.tsx";
import { ProblemNote } from "../parts/problem-note.tsx";

const FIELDS = ["username", "password", "displayName"] as const;

/** Log in or register. One form serves both; the display name is for a new account only. */
export function Entrance({ session }: { session: Session }) {
  const enter = useAction(async (form: FormData, isNew: boolean) => {
    const username = textOf(form, "username").trim();
    const password = textOf(form, "password");
    const displayName = textOf(form, "displayName").trim();
    if (!isNew) await session.logIn({ username, password });
    else await session.register({ username, password, ...(displayName !== "" && { displayName }) });
  }, FIELDS);
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault();
    const isNew = event.nativeEvent.submitter?.getAttribute("value") === "register";
    enter.run(new FormData(event.currentTarget), isNew);
  };
  return (
    <main className="entrance">
      <h1 className="brand">Edge IM</h1>
      <form onSubmit={submit} aria-label="Account">
        <Field
          label="Username"
          name="username"
          required
          autoComplete="username"
          autoCapitalize="none"
          problem={enter.fields.username}
        />
        <Field
          label="Password"
          name="password"
          type="password"
          required
          autoComplete="current-password"
          problem={enter.fields.password}
        />
        <Field
          label="Display name"
          name="displayName"
          autoComplete="name"
          hint="For a new account; may stay empty"
          problem={enter.fields.displayName}
        />
        <ProblemNote problem={enter.problem} />
        <div className="buttons">
          <button type="submit" className="primary" disabled={enter.pending} value="login">
            Log in
          </button>
          <button type="submit" disabled={enter.pending} value="register">
            Register
          </button>
        </div>
      </form>
    </main>
  );
}

function textOf(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === "string" ? value : "";
}
