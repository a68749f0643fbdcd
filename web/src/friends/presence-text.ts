import type { Friend } from "../../../schema/wire/friend.ts";
import { shortTime } from "../parts/time.ts";

/** Whether a friend is online, else when they last were. */
export function presenceText({ online, lastSeenAt }: Friend, now: number): string {
  if (online) return "Online";
  return lastSeenAt === null ? "Offline" : `Last seen ${shortTime(Date.parse(lastSeenAt), now)}`;
}
