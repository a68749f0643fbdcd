import { useSyncExternalStore } from "react";
import { ConversationId } from "../../../schema/wire/conversation-id.ts";

export const SECTIONS = ["chats", "friends", "groups", "profile"] as const;
export type Section = (typeof SECTIONS)[number];

/** The page that the address names: a section, and in the chats perhaps a conversation. */
export type Route = { section: Section; conversation: ConversationId | null };

/** The route of an address's hash; an unknown one is the chats. */
export function parseRoute(hash: string): Route {
  const [, name, id = ""] = hash.split("/");
  const section = SECTIONS.find((known) => known === name) ?? "chats";
  const conversation = section === "chats" ? ConversationId.safeParse(id) : null;
  return { section, conversation: conversation?.data ?? null };
}

export function sectionHref(section: Section): string {
  return `#/${section}`;
}

export function conversationHref(id: ConversationId): string {
  return `#/chats/${id}`;
}

/** Goes to a section. */
export function openSection(section: Section): void {
  location.hash = sectionHref(section);
}

/** Goes to a conversation; the browser's back button returns. */
export function openConversation(id: ConversationId): void {
  location.hash = conversationHref(id);
}

/** The present route. */
export function useRoute(): Route {
  return parseRoute(useSyncExternalStore(subscribe, () => location.hash));
}

function subscribe(listener: () => void): () => void {
  addEventListener("hashchange", listener);
  return () => removeEventListener("hashchange", listener);
}
