import { useState } from "react";
import { ApiProblem } from "../client/problem.ts";

/** Something a person can do: whether it is under way, and what went wrong the last time. */
export type Action<Args extends unknown[]> = {
  run: (...args: Args) => void;
  pending: boolean;
  problem: string | null;
};

/** Wraps a call for a button or form. What is not a problem of the call is reported as the fault it is. */
export function useAction<Args extends unknown[]>(act: (...args: Args) => Promise<void>): Action<Args> {
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const perform = async (...args: Args) => {
    setPending(true);
    setProblem(null);
    try {
      await act(...args);
    } catch (error) {
      setProblem(wordsFor(error));
    } finally {
      setPending(false);
    }
  };
  return { run: (...args) => void perform(...args), pending, problem };
}

/** What a person is told of an error. */
export function wordsFor(error: unknown): string {
  if (error instanceof ApiProblem) return error.message;
  reportError(error);
  return "Something went wrong";
}
