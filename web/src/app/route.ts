import { useSyncExternalStore } from "react";
import { ConversationId } from "../../../schema/wire/conversation-id.ts";
import { InviteToken } from "../../../schema/wire/invite.ts";

export const SECTIONS = ["chats", "friends", "groups", "profile"] as const;
export type Section = (typeof SECTIONS)[number];

/** The page that the address names: a section, in the chats perhaps a conversation, and in the groups perhaps an invite. */
export type Route = { section: Section; conversation: ConversationId | null; invite: InviteToken | null };

/** The route of an address's hash; an unknown one is the chats. */
export function parseRoute(hash: string): Route {
  const [, name, id = ""] = hash.split("/");
  const invite = name === "invites" ? InviteToken.safeParse(id).data : undefined;
  if (invite !== undefined) return { section: "groups", conversation: null, invite };
  const section = SECTIONS.find((known) => known === name) ?? "chats";
  const conversation = section === "chats" ? ConversationId.safeParse(id) : null;
  return { section, conversation: conversation?.data ?? null, invite: null };
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
