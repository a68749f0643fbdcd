import type { Content } from "../../../schema/wire/message.ts";

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
  }
}
