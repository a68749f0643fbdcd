import type { Message } from "../../../schema/wire/message.ts";

/** The message that the composer is about: what is written replies to it, or replaces its text. */
export type Target = { kind: "reply" | "edit"; message: Message };
