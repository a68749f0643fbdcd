import { z } from "zod";

/** The longest emoji of Unicode has 15 UTF-16 units; a longer text is refused before it is looked at. */
const MAX_LENGTH = 32;

const VARIATION_SELECTOR = "\uFE0F";

/**
 * One emoji: a sequence that Unicode recommends for interchange, so that everybody's devices can show it. A character that
 * is an emoji only with U+FE0F may come without it, as some keyboards send it, and is stored with it: one emoji, one text.
 */
export const Emoji = z
  .string()
  .max(MAX_LENGTH)
  .overwrite((text) => (isEmoji(text) ? text : qualified(text)))
  .refine(isEmoji, "must be one emoji")
  .meta({ examples: ["👍"] });

function isEmoji(text: string): boolean {
  return /^\p{RGI_Emoji}$/v.test(text);
}

function qualified(text: string): string {
  return isEmoji(text + VARIATION_SELECTOR) ? text + VARIATION_SELECTOR : text;
}
