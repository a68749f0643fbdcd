import { env } from "cloudflare:workers";
import { vi } from "vitest";
import type { DeliveryItem } from "../../lib/rpc/bucket.ts";
import type { Control } from "../../schema/internal/recipients.ts";
import { GroupId, SessionId, UserId } from "../../schema/wire/ids.ts";
import type { Bucket } from "../bucket.ts";
import { groupsOf } from "./logic.ts";

let buckets = 0;
let offset = 0;

/** A bucket that no other test has used. */
export function newBucket(): DurableObjectStub<Bucket> {
  buckets += 1;
  return env.BUCKETS.getByName(`local:${buckets}`);
}

/** Stops the clock a day from now, so that no alarm rings but those that a test rings. */
export function stopClock(): void {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 86_400_000 });
}

/** Moves the stopped clock on. */
export function pass(seconds: number): void {
  vi.setSystemTime(Date.now() + seconds * 1_000);
}

/** An event that only its name tells from others. */
export function event(name: string): string {
  return JSON.stringify({ ev: name });
}

export function toGroup(groupId: string, ...names: string[]): DeliveryItem {
  return { to: { kind: "group", groupId: GroupId.parse(groupId) }, events: names.map(event) };
}

export function toUsers(userIds: string[], ...names: string[]): DeliveryItem {
  return {
    to: { kind: "users", userIds: userIds.map((userId) => UserId.parse(userId)) },
    events: names.map(event),
  };
}

/** Ids of groups, as logic returns them. */
export function groups(...ids: string[]): GroupId[] {
  return ids.map((id) => GroupId.parse(id));
}

/** Has somebody join or leave a group; returns the control for it, at an offset after all those before. */
export function membership(kind: "link" | "unlink", userId: string, groupId: string): Control {
  const others = (groupsOf.get(userId) ?? []).filter((other) => other !== groupId);
  groupsOf.set(userId, kind === "link" ? [...others, groupId] : others);
  offset += 1;
  return membershipAt(offset, kind, userId, groupId);
}

/** The control alone, at an offset. */
export function membershipAt(
  offset: number,
  kind: "link" | "unlink",
  userId: string,
  groupId: string,
): Control {
  return { kind, userId: UserId.parse(userId), groupId: GroupId.parse(groupId), offset };
}

export function endSession(userId: string, sessionId: string): Control {
  return { kind: "close", userId: UserId.parse(userId), sessionId: SessionId.parse(sessionId) };
}
