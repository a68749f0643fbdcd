import type { Group } from "../../../schema/wire/group.ts";

/** How many people are in a group, and how many of them are there now. */
export function countsText({ memberCount, onlineCount }: Group): string {
  return `${memberCount} ${memberCount === 1 ? "member" : "members"}, ${onlineCount} online`;
}
