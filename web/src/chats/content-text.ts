import type { Content } from "../../../schema/wire/message.ts";

/** The text of a content, or a word for its kind. */
export function contentText(content: Content): string {
  switch (content.type) {
    case "text":
      return content.text;
    case "image":
      return "Image";
  }
}
