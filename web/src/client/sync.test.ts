import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { SyncResponse } from "../../../schema/wire/conversation.ts";
import type { Message } from "../../../schema/wire/message.ts";
import { ApiProblem } from "./problem.ts";
import { initialState } from "./state.ts";
import { Store } from "./store.ts";
import { Sync } from "./sync.ts";
import { ann, annAndBen, ben, club, clubGroup, message } from "./testing.ts";

const friend = { user: ben, online: false, lastSeenAt: null, conversation: annAndBen };

/** A slice of the conversation of Ann and Ben. */
function slice(seqs: number[], rev: number, more = false): SyncResponse["conversations"][number] {
  const messages = seqs.map((seq) => message(seq));
  const { seq: lastSeq, rev: lastRev } = message(rev);
  const firstSeq = message(1).seq;
  return { id: annAndBen, firstSeq, lastSeq, rev: lastRev, readSeq: lastSeq, messages, more };
}

/** A sync against a server that returns what the test queues, else that nothing changed. */
function makeSync() {
  const api = {
    friends: vi.fn(async () => [friend]),
    friendRequests: vi.fn(async () => []),
    conversations: vi.fn(async () => []),
    sync: vi.fn(async (): Promise<SyncResponse> => ({ conversations: [], more: false })),
    newestMessages: vi.fn(async (): Promise<Message[]> => []),
  };
  const store = new Store(initialState(ann));
  const sync = new Sync(api, store);
  const timeline = () => store.state().conversations.get(annAndBen)?.timeline;
  return { api, store, sync, timeline };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const settled = () => vi.advanceTimersByTimeAsync(60_000);

describe("a sync", () => {
  it("fetches the latest of what it does not have, and later what changed since", async () => {
    const { api, sync } = makeSync();
    api.sync.mockResolvedValueOnce({ conversations: [slice([1, 2], 2)], more: false });
    sync.connected();
    await settled();
    sync.connected();
    await settled();
    expect(api.sync.mock.calls.map(([revs]: unknown[]) => revs)).toEqual([{}, { [annAndBen]: 2 }]);
  });

  it("requests again, with the revs it then has, while there is more", async () => {
    const { api, sync, timeline } = makeSync();
    api.sync
      .mockResolvedValueOnce({ conversations: [slice([1, 2], 2)], more: false })
      .mockResolvedValueOnce({ conversations: [slice([3, 4], 4, true)], more: false })
      .mockResolvedValueOnce({ conversations: [slice([5], 5)], more: false });
    sync.connected();
    await settled();
    sync.want({ lists: false });
    await settled();
    expect(api.sync.mock.calls.map(([revs]: unknown[]) => revs)).toEqual([
      {},
      { [annAndBen]: 2 },
      { [annAndBen]: 4 },
    ]);
    expect(timeline()?.cursor).toBe(5);
  });

  it("stops at a server that promises more and brings nothing", async () => {
    const { api, sync } = makeSync();
    api.sync.mockResolvedValue({ conversations: [], more: true });
    sync.connected();
    await settled();
    expect(api.sync).toHaveBeenCalledOnce();
  });

  it("stops at a server that returns the same again and again", async () => {
    const { api, sync } = makeSync();
    api.sync.mockResolvedValue({ conversations: [slice([1, 2], 2)], more: true });
    sync.connected();
    await settled();
    expect(api.sync).toHaveBeenCalledTimes(2);
  });

  it("takes a conversation that no response names for an empty one", async () => {
    const { sync, timeline } = makeSync();
    sync.connected();
    await settled();
    expect(timeline()).toMatchObject({ cursor: 0, complete: true });
  });

  it("applies the events that came while the lists were fetched again over them", async () => {
    const { store, sync } = makeSync();
    sync.connected();
    const joined = { ev: "group.joined", group: clubGroup() } as const;
    sync.saw([joined]);
    store.apply({ type: "event", event: joined });
    await settled();
    expect([...store.state().conversations.keys()].sort()).toEqual([annAndBen, club]);
  });

  it("does another round for what is wanted during a round", async () => {
    const { api, sync } = makeSync();
    sync.connected();
    sync.want({ lists: false });
    sync.want({ lists: false });
    await settled();
    expect(api.conversations).toHaveBeenCalledOnce();
    expect(api.sync).toHaveBeenCalledTimes(2);
  });

  it("still fetches the lists that are wanted during a round that fails", async () => {
    const { api, sync } = makeSync();
    sync.connected();
    await settled();
    api.sync.mockImplementationOnce(async () => {
      sync.want({ lists: true });
      throw ApiProblem.network();
    });
    sync.want({ lists: false });
    await settled();
    expect(api.conversations).toHaveBeenCalledTimes(2);
  });

  it("loads a conversation that is opened, once, and again on the next connection when that failed", async () => {
    const { api, store, sync } = makeSync();
    sync.connected();
    await settled();
    const joined = { ev: "message", message: { ...message(3), conversation: club } } as const;
    store.apply({ type: "event", event: joined });
    api.newestMessages.mockImplementationOnce(async () => {
      sync.disconnected();
      throw ApiProblem.network();
    });
    sync.open(club);
    sync.open(annAndBen);
    await settled();
    api.conversations.mockResolvedValueOnce([]);
    api.newestMessages.mockResolvedValueOnce([joined.message]);
    sync.connected();
    store.apply({ type: "event", event: joined });
    sync.saw([joined]);
    await settled();
    sync.open(club);
    await settled();
    expect(api.newestMessages).toHaveBeenCalledTimes(2);
    expect(store.state().conversations.get(club)?.timeline).toMatchObject({ cursor: 3, complete: true });
  });

  it("goes on when a conversation that is opened is gone", async () => {
    const { api, store, sync } = makeSync();
    sync.connected();
    await settled();
    store.apply({ type: "event", event: { ev: "message", message: { ...message(3), conversation: club } } });
    const gone = new ApiProblem({ status: 404, code: "conversation_not_found", message: "" });
    api.newestMessages.mockRejectedValue(gone);
    sync.open(club);
    await settled();
    expect(api.newestMessages).toHaveBeenCalledOnce();
  });

  it("tries again after a failure", async () => {
    const { api, sync, timeline } = makeSync();
    api.sync.mockRejectedValueOnce(new Error("no answer"));
    api.sync.mockResolvedValueOnce({ conversations: [slice([1], 1)], more: false });
    sync.connected();
    await settled();
    expect(timeline()?.cursor).toBe(1);
  });

  it("drops a response of a connection that is gone", async () => {
    const { sync, store } = makeSync();
    sync.connected();
    sync.disconnected();
    await settled();
    expect(store.state().loaded).toBe(false);
  });
});
