import type { Message } from "../../../schema/wire/message.ts";
import type { Conversation } from "./conversation.ts";
import type { People } from "./people.ts";

const PAGE = 200;

/** Compares every conversation with new messages with its history since the last comparison. */
export async function verify({ pairs, group, clients }: People): Promise<void> {
  for (const conversation of [...pairs, group]) {
    if (!conversation.isUnverified) continue;
    conversation.verify(await historyOf(conversation, clients));
  }
}

/** The part of history that was not compared yet, as a member reads it. */
async function historyOf(conversation: Conversation, clients: People["clients"]): Promise<Message[]> {
  const reader = clients.get(conversation.devices[0]?.userId ?? "");
  if (reader === undefined) throw new Error(`${conversation.id} has no members`);
  // A load may outlast an access token.
  const { refreshToken } = reader.session;
  reader.session = await reader.do("POST", "/auth/refresh", { refreshToken });

  const messages: Message[] = [];
  for (let page: Message[] | undefined; page === undefined || page.length > 0; messages.push(...page)) {
    const after = messages.at(-1)?.seq ?? conversation.verified;
    const path = `/conversations/${conversation.id}/messages?after=${after}&limit=${PAGE}`;
    page = (await reader.do<{ items: Message[] }>("GET", path)).items;
  }
  return messages;
}
