import type { Fact } from "../schema/internal/fact.ts";
import { type FactKind, person } from "./kind.ts";

type SessionEnd = Extract<Fact, { kind: "session" }>;

const LOOK = `
  SELECT asked.place - 1 AS place
    FROM unnest($1::text[]) WITH ORDINALITY AS asked (id, place)
    JOIN sessions ON sessions.id = asked.id AND sessions.ended_at IS NULL`;

/** A session has ended: its sockets close. A session never begins again, and one whose row is gone has ended too. */
export const session: FactKind<SessionEnd> = {
  online: () => ({}),

  apply: (run) => ({ text: LOOK, values: [run.map(({ fact }) => fact.sessionId)] }),

  push: ({ fact: { userId, sessionId } }, row) =>
    row === undefined ? [{ to: person(userId), control: { kind: "close", userId, sessionId } }] : [],
};
