import { type Posting, Role } from "../schema/wire/group.ts";
import { wireTimestamp } from "./database.ts";

/** What decides, of a member alone, whether they may write: their role, and until when they are muted. */
export type Standing = { role: Role; mutedUntil: Date | null };

/** The standing in the columns `role` and `muted_until` of a hand-written statement's row. */
export function readStanding(row: Record<string, unknown>): Standing {
  const { role, muted_until: until } = row;
  return { role: Role.parse(role), mutedUntil: until === null ? null : new Date(wireTimestamp(until)) };
}

/** A verdict on a member's writing. */
export type Verdict = "ok" | "muted" | "not_allowed";

/**
 * The text that Redis keeps of a standing. It holds the end of a mute and not a verdict, so that a mute ends without
 * anybody's action; and the role, so that a group's `posting` can change without touching its members' keys.
 */
export function standingText({ role, mutedUntil }: Standing): string {
  const base = role === "member" ? "ok" : "staff";
  return mutedUntil === null ? base : `muted:${mutedUntil.getTime()}:${base}`;
}

/** The verdict on a member with this standing at a time (ms); undefined for a text that is none of a standing. */
export function verdictOf(text: string, posting: Posting, now: number): Verdict | undefined {
  const [, until, base] = TEXT.exec(text) ?? [];
  if (base === undefined) return undefined;
  if (until !== undefined && now < Number(until)) return "muted";
  return base === "staff" || posting === "all" ? "ok" : "not_allowed";
}

const TEXT = /^(?:muted:(\d+):)?(ok|staff)$/;
