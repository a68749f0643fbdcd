import type { Group } from "../../../schema/wire/group.ts";

/** How many members a group has, and how many of them are online. */
export function countsText({ memberCount, onlineCount }: Group): string {
  return `${memberCount} ${memberCount === 1 ? "member" : "members"}, ${onlineCount} online`;
}
