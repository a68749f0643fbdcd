import { describe, expect, it } from "vitest";
import type { Conversation } from "../../../schema/wire/conversation.ts";
import type { FriendRequest } from "../../../schema/wire/friend.ts";
import { FriendRequestId } from "../../../schema/wire/ids.ts";
import type { ServerEvent } from "../../../schema/wire/socket.ts";
import type { Change } from "./change.ts";
import { unread } from "./conversation-state.ts";
import { gapIn } from "./gaps.ts";
import { reduce } from "./reduce.ts";
import { initialState, type State } from "./state.ts";
import {
  ann,
  annAndBen,
  ben,
  clientId,
  club,
  clubGroup,
  message,
  unsent,
  unsentReaction,
} from "./testing.ts";

const friend = { user: ben, online: false, lastSeenAt: null, conversation: annAndBen };

function stateAfter(...changes: (Change | ServerEvent)[]): State {
  return changes
    .map((change) => ("ev" in change ? ({ type: "event", event: change } as const) : change))
    .reduce(reduce, initialState(ann));
}

describe("an own message", () => {
  const mine = message(1, { from: ann });

  it("is accepted, then replaced by the stored one", () => {
    const accepted = stateAfter(
      { type: "unsent", outgoing: unsent(1) },
      { ev: "accepted", clientId: clientId(1), conversation: annAndBen },
    );
    expect(accepted.unsent.get(clientId(1))?.state).toBe("accepted");
    expect(reduce(accepted, { type: "event", event: { ev: "message", message: mine } }).unsent.size).toBe(0);
  });

  it("is replaced by what a sync brings as well", () => {
    const slice = {
      id: annAndBen,
      firstSeq: mine.seq,
      lastSeq: mine.seq,
      rev: mine.rev,
      readSeq: mine.seq,
      messages: [mine],
      more: false,
      since: null,
    };
    const synced = { type: "synced", slices: [slice], empty: [] } as const;
    const state = stateAfter({ type: "unsent", outgoing: unsent(1) }, synced);
    expect(state.unsent.size).toBe(0);
  });

  it("is not replaced by another person's message of the same client id", () => {
    expect(
      stateAfter({ type: "unsent", outgoing: unsent(1) }, { ev: "message", message: message(1) }).unsent.size,
    ).toBe(1);
  });
});

describe("a change of a message", () => {
  it("is finished once it is accepted", () => {
    const state = stateAfter(
      { type: "unsent", outgoing: unsentReaction(2, message(1)) },
      { ev: "accepted", clientId: clientId(2), conversation: annAndBen },
    );
    expect(state.unsent.size).toBe(0);
  });

  it("is not finished by another change of the message", () => {
    const state = stateAfter(
      { type: "unsent", outgoing: unsentReaction(2, message(1)) },
      { ev: "message", message: message(1, { rev: 2, from: ann }) },
    );
    expect(state.unsent.size).toBe(1);
  });
});

describe("unread messages", () => {
  const count = (state: State) =>
    unread(state.conversations.get(annAndBen) ?? expect.fail("no conversation"));

  it("are what others wrote since one read, or wrote", () => {
    const two = stateAfter({ ev: "message", message: message(1) }, { ev: "message", message: message(2) });
    expect(count(two)).toBe(2);
    expect(count(reduce(two, { type: "read", conversation: annAndBen, seq: 1 }))).toBe(1);
    const wrote = { ev: "message", message: message(3, { from: ann }) } as const;
    expect(count(reduce(two, { type: "event", event: wrote }))).toBe(0);
  });

  it("are read on all devices, never back, and not by others", () => {
    const one = { ev: "message", message: message(1) } as const;
    const read = { ev: "read", conversation: annAndBen, userId: ann.id, seq: message(1).seq } as const;
    expect(count(stateAfter(one, read))).toBe(0);
    expect(count(stateAfter(one, { ...read, userId: ben.id }))).toBe(1);
    expect(count(stateAfter(one, read, { type: "read", conversation: annAndBen, seq: 0 }))).toBe(0);
  });
});

describe("friends and groups", () => {
  const request: FriendRequest = {
    id: FriendRequestId.parse("5"),
    from: ben,
    to: ann,
    note: "hi",
    createdAt: "2026-01-02T03:04:05.000Z",
  };

  it("create a conversation that has to be synced", () => {
    const added = { ev: "friend.added", friend } as const;
    const joined = { ev: "group.joined", group: clubGroup() } as const;
    const state = stateAfter(added, joined);
    expect([...state.conversations.keys()]).toEqual([annAndBen, club]);
    expect(gapIn(state, [added])).toBe("messages");
    expect(gapIn(state, [joined])).toBe("messages");
  });

  it("close the open requests between the two", () => {
    const state = stateAfter({ ev: "friend.requested", request }, { ev: "friend.added", friend });
    expect(state.incoming.size).toBe(0);
    expect(state.friends.get(ben.id)).toEqual(friend);
  });

  it("come and go", () => {
    const presence = { ev: "presence", userId: ben.id, online: true, lastSeenAt: null } as const;
    expect(stateAfter({ ev: "friend.added", friend }, presence).friends.get(ben.id)?.online).toBe(true);
    const { id } = clubGroup();
    const online = { ev: "group.online", groupId: id, count: 2 } as const;
    const state = stateAfter({ ev: "group.joined", group: clubGroup() }, online);
    expect(state.conversations.get(club)?.group?.onlineCount).toBe(2);
    expect(
      reduce(state, { type: "event", event: { ev: "group.left", groupId: id } }).conversations.size,
    ).toBe(0);
  });

  it("are removed when the lists no longer name them, and keep their messages else", () => {
    const before = stateAfter(
      { ev: "friend.added", friend },
      { ev: "message", message: message(1) },
      { ev: "group.joined", group: clubGroup() },
    );
    const directory = {
      friends: [friend],
      incoming: [],
      outgoing: [],
      conversations: [],
      active: new Set<never>(),
    };
    const state = reduce(before, { type: "directory", directory });
    expect([...state.conversations.keys()]).toEqual([annAndBen]);
    expect(state.conversations.get(annAndBen)?.timeline.messages).toHaveLength(1);
  });

  it("stay when they had an event while the lists, which miss them, were read", () => {
    const before = stateAfter({ ev: "group.joined", group: clubGroup() });
    const lists = { friends: [], incoming: [], outgoing: [], conversations: [] };
    const state = reduce(before, { type: "directory", directory: { ...lists, active: new Set([club]) } });
    expect(state.conversations.get(club)?.group).toEqual(clubGroup());
  });

  it("change a group's members with its updates, not with its online count", () => {
    const joined = stateAfter({ ev: "group.joined", group: clubGroup() });
    const changes = (state: State) => state.conversations.get(club)?.memberChanges ?? 0;
    const online = { ev: "group.online", groupId: clubGroup().id, count: 2 } as const;
    const updated = { ev: "group.updated", group: clubGroup() } as const;
    expect(changes(reduce(joined, { type: "event", event: online }))).toBe(changes(joined));
    expect(changes(reduce(joined, { type: "event", event: updated }))).toBe(changes(joined) + 1);
  });

  it("do not put a group's online count back to what it was before", () => {
    const joined = { ev: "group.joined", group: clubGroup() } as const;
    const online = { ev: "group.online", groupId: clubGroup().id, count: 2 } as const;
    const updated = { ev: "group.updated", group: clubGroup() } as const;
    const state = stateAfter(joined, online, updated, joined);
    expect(state.conversations.get(club)?.group?.onlineCount).toBe(2);
  });

  it("need no messages before a conversation is opened", () => {
    const pushed = { ev: "message", message: message(5) } as const;
    const listing: Conversation = {
      ...{ id: annAndBen, kind: "dm", peer: ben, unread: 0, mentioned: 0, lastMessage: null },
      ...{ firstSeq: message(1).seq, lastSeq: message(4).seq, rev: message(4).rev, readSeq: message(4).seq },
    };
    const lists = { friends: [], incoming: [], outgoing: [], conversations: [listing] };
    const state = stateAfter({ type: "directory", directory: { ...lists, active: new Set() } }, pushed);
    expect(gapIn(state, [pushed])).toBeNull();
  });

  it("a message of a conversation without a name needs the lists", () => {
    const pushed = { ev: "message", message: message(1) } as const;
    expect(gapIn(stateAfter(pushed), [pushed])).toBe("name");
  });
});
