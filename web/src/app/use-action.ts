import { useState } from "react";
import { ApiProblem, type FormProblem, formProblem } from "../client/problem.ts";

/** Something a person can do: whether it is under way, and what went wrong the last time. */
export type Action<Args extends unknown[]> = {
  run: (...args: Args) => void;
  pending: boolean;
  /** What is about no field of the form. */
  problem: string | null;
  /** The messages of the form's fields, by name. */
  fields: FormProblem["fields"];
};

const NONE: FormProblem = { fields: {}, general: null };

/** Wraps a call for a button or a form with these fields. Other errors than problems of the call are reported. */
export function useAction<Args extends unknown[]>(
  act: (...args: Args) => Promise<void>,
  shown: readonly string[] = [],
): Action<Args> {
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState(NONE);
  const perform = async (...args: Args) => {
    setPending(true);
    setProblem(NONE);
    try {
      await act(...args);
    } catch (error) {
      if (error instanceof ApiProblem) setProblem(formProblem(error, shown));
      else setProblem({ fields: {}, general: wordsFor(error) });
    } finally {
      setPending(false);
    }
  };
  const { general, fields } = problem;
  return { run: (...args) => void perform(...args), pending, problem: general, fields };
}

/** An error in words fit for a person. One that is no problem of a call is reported. */
export function wordsFor(error: unknown): string {
  if (error instanceof ApiProblem) return error.message;
  reportError(error);
  return "Something went wrong";
}
