import type { UserId } from "../../../schema/wire/ids.ts";
import type { Message, Notice } from "../../../schema/wire/message.ts";

/** The text of a content, or a word for its kind; a recalled message has none. */
export function contentText({ content, senderId }: Pick<Message, "content" | "senderId">): string {
  if (content === null) return "Message recalled";
  switch (content.type) {
    case "text":
      return content.text;
    case "image":
      return "Image";
    case "voice":
      return "Voice message";
    case "file":
      return content.name;
    case "notice":
      return noticeText(content.notice, senderId);
  }
}

/** What has happened, in words that follow the name of who did it. */
function noticeText(notice: Notice, senderId: UserId): string {
  switch (notice.kind) {
    case "created":
      return "created the group";
    case "renamed":
      return `renamed the group to “${notice.name}”`;
    case "joined":
      return joinedText(notice.userIds, senderId);
    case "left":
      return "left the group";
    case "removed":
      return "removed a member";
    case "pinned":
      return "pinned a message";
  }
}

function joinedText(userIds: readonly UserId[], senderId: UserId): string {
  if (userIds.includes(senderId)) return "joined the group";
  return userIds.length === 1 ? "added a member" : `added ${userIds.length} members`;
}
