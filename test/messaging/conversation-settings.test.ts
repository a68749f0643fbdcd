import { describe, expect, it } from "vitest";
import type { Conversation } from "../../schema/wire/conversation.ts";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import { expectProblem } from "../api/problem.ts";
import { Client } from "../harness/client.ts";
import { openClub, twoFriends } from "../harness/people.ts";
import { useSharedSystem } from "../harness/use-system.ts";

const system = useSharedSystem();

const get = (client: Client, id: ConversationId) => client.do<Conversation>("GET", `/conversations/${id}`);
const change = (client: Client, id: ConversationId, settings: object) =>
  client.do<Conversation>("PATCH", `/conversations/${id}`, settings);

const ALL = {
  mutedUntil: "2100-01-01T00:00:00.000Z",
  pinned: true,
  archived: true,
  draft: "not yet 😀",
};

describe("what a person sets for a conversation", () => {
  it("is shown in the conversation, to that person alone, until it is cleared", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const before = await get(ada, conversation);
    for (const field of Object.keys(ALL)) expect(before).not.toHaveProperty(field);

    const changed = await change(ada, conversation, ALL);
    expect(changed).toEqual({ ...before, ...ALL });
    expect(await get(ada, conversation)).toEqual(changed);
    expect(await ada.conversations()).toEqual([changed]);
    expect(await get(ben, conversation)).not.toHaveProperty("pinned");

    expect(await change(ada, conversation, { pinned: false, draft: null })).toEqual({
      ...before,
      mutedUntil: ALL.mutedUntil,
      archived: true,
    });
    expect(await change(ada, conversation, { mutedUntil: null, archived: null })).toEqual(before);
  });

  it("goes to all of the person's devices, and to nobody else", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const tablet = await ada.loginAgain();
    const [here, there, other] = await Promise.all([ada.connect(), tablet.connect(), ben.connect()]);
    const changed = await change(ada, conversation, { pinned: true, draft: "hello" });
    for (const socket of [here, there]) {
      const event = await socket.next("conversation.updated", (one) => one.conversation.pinned === true);
      expect(event.conversation).toEqual(changed);
    }
    await change(ada, conversation, { draft: null });
    const cleared = await there.next("conversation.updated", (one) => one.conversation.draft === undefined);
    expect(cleared.conversation).toMatchObject({ id: conversation, pinned: true });
    expect(other.all("conversation.updated")).toEqual([]);
    await Promise.all([here.close(), there.close(), other.close()]);
  });

  it("is gone when the person has left the group", async () => {
    const { members, group } = await openClub(system().url, 1);
    const [member] = members;
    if (member === undefined) throw new Error("there is a member");
    expect(await change(member, group.conversation, ALL)).toMatchObject({ ...ALL, group: { id: group.id } });
    await member.do("DELETE", `/groups/${group.id}/members/me`);
    expectProblem(await member.ask("GET", `/conversations/${group.conversation}`), "conversation_not_found");
    await member.joinGroup(group);
    expect(await get(member, group.conversation)).not.toHaveProperty("draft");
  });

  it("is refused for strangers, and when it is not valid", async () => {
    const { ada, conversation } = await twoFriends(system().url);
    const stranger = await Client.register(system().url);
    for (const id of [conversation, "group:1", "dm:2:1", "nonsense"]) {
      expectProblem(await stranger.ask("GET", `/conversations/${id}`), "conversation_not_found");
      expectProblem(
        await stranger.ask("PATCH", `/conversations/${id}`, { pinned: true }),
        "conversation_not_found",
      );
    }
    const invalid = [
      { mutedUntil: "tomorrow" },
      { mutedUntil: "0000-01-01T00:00:00Z" },
      { mutedUntil: "9999-12-31T23:59:59-12:00" },
      { pinned: "yes" },
      { draft: "x".repeat(8_001) },
      { draft: "\u0000" },
      { other: 1 },
    ];
    for (const settings of invalid) {
      const response = await ada.ask("PATCH", `/conversations/${conversation}`, settings);
      expectProblem(response, "invalid_request");
    }
    const longest = await change(ada, conversation, { draft: "😀".repeat(8_000) });
    expect([...(longest.draft ?? "")]).toHaveLength(8_000);
    const offset = await change(ada, conversation, { mutedUntil: "2100-01-01T02:00:00+02:00", draft: "" });
    expect(offset.mutedUntil).toBe("2100-01-01T00:00:00.000Z");
    expect(offset).not.toHaveProperty("draft");
  });
});

describe("the first unread message", () => {
  it("is the first of others after what was read; there is none when all is read", async () => {
    const { ada, ben, conversation } = await twoFriends(system().url);
    const state = async (client: Client) => {
      const { unread, firstUnreadSeq } = await get(client, conversation);
      return [unread, firstUnreadSeq];
    };
    for (const text of ["one", "two", "three"]) await ada.post(conversation, text);
    await expect.poll(() => state(ben), { timeout: 20_000 }).toEqual([3, 1]);
    expect(await state(ada)).toEqual([0, undefined]);
    await ben.do("PUT", `/conversations/${conversation}/read`, { seq: 1 });
    expect(await state(ben)).toEqual([2, 2]);
    await ben.do("PUT", `/conversations/${conversation}/read`, { seq: 3 });
    expect(await state(ben)).toEqual([0, undefined]);
  });
});
