import type { Content, Notice } from "../../../schema/wire/message.ts";

/** The text of a content, or a word for its kind; a recalled message has none. */
export function contentText(content: Content | null): string {
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
      return noticeText(content.notice);
  }
}

/** What has happened, in words that follow the name of who did it. */
function noticeText(notice: Notice): string {
  switch (notice.kind) {
    case "created":
      return "created the group";
    case "renamed":
      return `renamed the group to “${notice.name}”`;
    case "joined":
      return notice.userIds.length === 1 ? "joined the group" : `added ${notice.userIds.length} people`;
    case "left":
      return "left the group";
    case "removed":
      return "removed a member";
    case "pinned":
      return "pinned a message";
  }
}
