import type { Content } from "../../../schema/wire/message.ts";

/** What a message says, in words. */
export function contentText(content: Content): string {
  switch (content.type) {
    case "text":
      return content.text;
    case "image":
      return "Image";
  }
}
