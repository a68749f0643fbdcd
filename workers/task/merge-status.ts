import type { StatusRecord } from "../../schema/internal/status-record.ts";
import type { UserId } from "../../schema/wire/ids.ts";

type Membership = Extract<StatusRecord, { kind: "membership" }>;
type Read = Extract<StatusRecord, { kind: "read" }>;

/** A batch of status records with everything but the last word taken out. */
export type StatusChanges = {
  /** Whose presence is to be looked at, and when something last happened to it. */
  presence: Map<UserId, string>;
  /** The last join or leave of each person and group. */
  memberships: Membership[];
  /** The furthest that each person has read in each conversation. */
  reads: Read[];
};

/** Merges a batch: the last state of a person, the last word on a membership, the furthest read. */
export function mergeStatus(records: StatusRecord[]): StatusChanges {
  const presence = new Map<UserId, string>();
  const memberships = new Map<string, Membership>();
  const reads = new Map<string, Read>();
  for (const record of records) {
    switch (record.kind) {
      case "presence":
        presence.set(record.userId, record.at);
        break;
      case "membership":
        memberships.set(`${record.groupId} ${record.userId}`, record);
        break;
      case "read": {
        const key = `${record.conversation} ${record.userId}`;
        const known = reads.get(key);
        if (known === undefined || known.seq < record.seq) reads.set(key, record);
        break;
      }
    }
  }
  return { presence, memberships: [...memberships.values()], reads: [...reads.values()] };
}
