import { describe, expect, it } from "vitest";
import type { History } from "../../schema/wire/conversation.ts";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import { type Friends, textOf, twoFriends } from "../harness/people.ts";
import { useSystem } from "../harness/use-system.ts";

const system = useSystem({ env: { PASSWORD_COST: "1024", CRON_SECONDS: "86400", RETENTION_DAYS: "30" } });

/** Makes the messages up to this seq as old as so many days, and runs task's cron. */
async function daysPass(conversation: ConversationId, seq: number, days: number): Promise<void> {
  const { $client: database } = await system().database();
  await database.query(
    "UPDATE messages SET sent_at = sent_at - make_interval(days => $3) WHERE conversation = $1 AND seq <= $2",
    [conversation, seq, days],
  );
  await database.query(
    "UPDATE conversations SET oldest_at = oldest_at - make_interval(days => $2) WHERE id = $1",
    [conversation, days],
  );
  await system().cron();
}

/** Two friends, one of whom has written these. */
async function written(...texts: string[]): Promise<Friends> {
  const friends = await twoFriends(system().url);
  const { ada, conversation } = friends;
  for (const [index, text] of texts.entries()) {
    await ada.post(conversation, text);
    await expect.poll(async () => (await ada.history(conversation)).length).toBe(index + 1);
  }
  return friends;
}

describe("a conversation whose oldest messages are removed", () => {
  it("begins at its first message that is left, in history, in sync and in the list", async () => {
    const { ada, ben, conversation } = await written("one", "two", "three");
    await daysPass(conversation, 2, 31);
    const page = await ben.do<History>("GET", `/conversations/${conversation}/messages`);
    expect(page.items.map((message) => [message.seq, textOf(message)])).toEqual([[3, "three"]]);
    expect(page.firstSeq).toBe(3);
    const before = await ben.do<History>("GET", `/conversations/${conversation}/messages?before=3`);
    expect(before).toEqual({ items: [], nextCursor: null, firstSeq: 3 });
    expect((await ben.sync()).conversations).toMatchObject([
      { id: conversation, firstSeq: 3, lastSeq: 3, messages: [{ seq: 3 }], more: false },
    ]);
    expect(await ben.conversations()).toMatchObject([{ firstSeq: 3, lastSeq: 3, unread: 1 }]);

    await ada.post(conversation, "four");
    await expect.poll(async () => (await ben.history(conversation)).map(({ seq }) => seq)).toEqual([3, 4]);
    expect(await ben.conversations()).toMatchObject([{ unread: 2, lastMessage: { seq: 4 } }]);
  });

  it("has nothing left to show when all are", async () => {
    const { ben, conversation } = await written("one", "two");
    await daysPass(conversation, 2, 31);
    expect(await ben.conversations()).toMatchObject([
      { firstSeq: 3, lastSeq: 2, unread: 0, mentioned: 0, lastMessage: null },
    ]);
    expect((await ben.sync()).conversations).toMatchObject([{ firstSeq: 3, lastSeq: 2, messages: [] }]);
  });

  it("is a group's own choice", async () => {
    const { ada, ben } = await written();
    const group = await ada.createGroup("Club");
    const members = await ben.joinGroup(group);
    expect(members).not.toHaveProperty("retentionDays");
    const socket = await ben.connect();
    expect(await ada.do("PATCH", `/groups/${group.id}`, { retentionDays: 7 })).toMatchObject({
      retentionDays: 7,
    });
    await socket.next("group.updated", (event) => event.group.retentionDays === 7);
    await socket.close();
    await ada.post(group.conversation, "one");
    await expect.poll(async () => (await ben.history(group.conversation)).length).toBe(1);
    const seqs = async () => (await ben.wholeHistory(group.conversation)).map(({ seq }) => seq);
    const all = await seqs();
    await daysPass(group.conversation, all.length - 1, 8);
    expect(await seqs()).toEqual([all.length]);
    const unread = async () =>
      (await ben.conversations()).find(({ id }) => id === group.conversation)?.unread;
    expect(await unread()).toBe(1);
    expect((await ada.ask("PATCH", `/groups/${group.id}`, { retentionDays: 0 })).status).toBe(400);
    const kept = await ada.do("PATCH", `/groups/${group.id}`, { retentionDays: null });
    expect(kept).not.toHaveProperty("retentionDays");
  });
});
