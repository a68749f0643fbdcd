import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ClientId } from "../../../schema/wire/ids.ts";
import { newClientId } from "./client-id.ts";
import { Outbox } from "./outbox.ts";
import type { Frame } from "./socket.ts";
import type { Outgoing } from "./state.ts";
import { message, unsent, unsentReaction } from "./testing.ts";

/** An outbox with storage that another can be made from, as after a reload. */
function makeOutbox(kept = new Map<ClientId, Outgoing>()) {
  const sent: string[] = [];
  const ids: string[] = [];
  const changed: Outgoing[] = [];
  const stuck = vi.fn();
  const outbox = new Outbox({
    storage: {
      read: () => [...kept.values()],
      put: (outgoing) => void kept.set(outgoing.operation.clientId, outgoing),
      remove: (clientId) => void kept.delete(clientId),
    },
    transmit: (frame: Frame) => {
      if (frame.op === "read" || frame.op === "typing") return false;
      sent.push(frame.op === "send" && frame.content?.type === "text" ? frame.content.text : frame.op);
      ids.push(frame.clientId);
      return true;
    },
    changed: (outgoing) => void changed.push(outgoing),
    stuck,
  });
  const write = (text: string) => outbox.add({ ...unsent(0, { text }).operation, clientId: newClientId() });
  return { outbox, write, sent, ids, changed, stuck, kept };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("an outbox", () => {
  it("keeps what is written without a connection, and sends it in order with one", () => {
    const { outbox, write, sent } = makeOutbox();
    for (const text of ["a", "b", "c"]) write(text);
    expect(sent).toEqual([]);
    outbox.connected(true);
    expect(sent).toEqual(["a", "b", "c"]);
  });

  it("sends what was not acknowledged again on the next connection, under the same client ids", () => {
    const { outbox, write, sent, ids } = makeOutbox();
    outbox.connected(true);
    for (const text of ["a", "b", "c"]) write(text);
    const [first] = outbox.waiting();
    if (first !== undefined) outbox.settle(first);
    outbox.connected(false);
    outbox.connected(true);
    expect(sent).toEqual(["a", "b", "c", "b", "c"]);
    expect(ids.slice(3)).toEqual(ids.slice(1, 3));
  });

  it("survives a reload of the page", () => {
    const { write, kept } = makeOutbox();
    for (const text of ["a", "b"]) write(text);
    const reloaded = makeOutbox(kept);
    expect(reloaded.changed).toEqual([...kept.values()]);
    expect(reloaded.changed).toHaveLength(2);
    reloaded.outbox.connected(true);
    expect(reloaded.sent).toEqual(["a", "b"]);
    for (const clientId of reloaded.outbox.waiting()) reloaded.outbox.settle(clientId);
    expect(kept.size).toBe(0);
  });

  it("keeps changes of messages like messages, in one order", () => {
    const { outbox, write, kept } = makeOutbox();
    write("a");
    outbox.add(unsentReaction(2, message(1)).operation);
    write("b");
    const reloaded = makeOutbox(kept);
    reloaded.outbox.connected(true);
    expect(reloaded.sent).toEqual(["a", "react", "b"]);
  });

  it("keeps a refused message as failed until it is tried again", () => {
    const { outbox, write, sent, ids, changed, kept } = makeOutbox();
    outbox.connected(true);
    write("a");
    const [clientId] = outbox.waiting();
    if (clientId === undefined) return expect.fail("nothing waits");
    outbox.refuse(clientId, { problem: "Only friends may write to each other", busy: false, retryAfter: 0 });
    expect(changed.at(-1)).toMatchObject({
      state: "failed",
      problem: "Only friends may write to each other",
    });
    outbox.connected(false);
    outbox.connected(true);
    expect(sent).toEqual(["a"]);
    outbox.retry(clientId);
    expect(sent).toEqual(["a", "a"]);
    expect(ids[1]).toBe(ids[0]);
    expect(kept.get(clientId)?.state).toBe("pending");
  });

  it("waits as long as a busy server says, then sends on in order", () => {
    const { outbox, write, sent, changed, kept } = makeOutbox();
    outbox.connected(true);
    for (const text of ["a", "b"]) write(text);
    const [first] = outbox.waiting();
    if (first === undefined) return expect.fail("nothing waits");
    outbox.refuse(first, { problem: "Too many requests", busy: true, retryAfter: 5_000 });
    write("c");
    expect(changed.every(({ state }) => state === "pending")).toBe(true);
    vi.advanceTimersByTime(4_999);
    expect(sent).toEqual(["a", "b"]);
    vi.advanceTimersByTime(1);
    expect(sent).toEqual(["a", "b", "a", "c"]);
    expect(kept.get(first)?.state).toBe("pending");
  });

  it("keeps waiting on a new connection for as long as the server said", () => {
    const { outbox, write, sent } = makeOutbox();
    outbox.connected(true);
    write("a");
    for (const id of outbox.waiting()) {
      outbox.refuse(id, { problem: "Too many requests", busy: true, retryAfter: 5_000 });
    }
    outbox.connected(false);
    outbox.connected(true);
    expect(sent).toEqual(["a"]);
    vi.advanceTimersByTime(5_000);
    expect(sent).toEqual(["a", "a"]);
  });

  it("waits longer each time that a busy server does not say how long", () => {
    vi.spyOn(Math, "random").mockReturnValue(1);
    const { outbox, write, sent } = makeOutbox();
    outbox.connected(true);
    write("a");
    const refuse = () => {
      for (const id of outbox.waiting()) outbox.refuse(id, { problem: "", busy: true, retryAfter: 0 });
    };
    refuse();
    vi.advanceTimersByTime(1_000);
    expect(sent).toHaveLength(2);
    refuse();
    vi.advanceTimersByTime(1_999);
    expect(sent).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(sent).toHaveLength(3);
    vi.restoreAllMocks();
  });

  it("sends again what is unacknowledged when `ready` comes again, and begins its wait anew", () => {
    const { outbox, write, sent, stuck } = makeOutbox();
    outbox.connected(true);
    write("a");
    vi.advanceTimersByTime(19_000);
    outbox.connected(true);
    expect(sent).toEqual(["a", "a"]);
    vi.advanceTimersByTime(19_000);
    expect(stuck).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1_000);
    expect(stuck).toHaveBeenCalledOnce();
  });

  it("sends nothing once it is stopped", () => {
    const { outbox, write, sent, stuck } = makeOutbox();
    outbox.connected(true);
    write("a");
    for (const id of outbox.waiting()) outbox.refuse(id, { problem: "", busy: true, retryAfter: 1_000 });
    outbox.stop();
    vi.advanceTimersByTime(120_000);
    expect(sent).toEqual(["a"]);
    expect(stuck).not.toHaveBeenCalled();
  });

  it("has sixteen sends unacknowledged at most", () => {
    const { outbox, write, sent } = makeOutbox();
    outbox.connected(true);
    for (let number = 1; number <= 20; number += 1) write(String(number));
    expect(sent).toHaveLength(16);
    for (const clientId of outbox.waiting().slice(0, 2)) outbox.settle(clientId);
    expect(sent.slice(16)).toEqual(["17", "18"]);
  });

  it("gives up a connection without acknowledgements, and none with them", () => {
    const { outbox, write, stuck } = makeOutbox();
    outbox.connected(true);
    write("a");
    for (const clientId of outbox.waiting()) outbox.settle(clientId);
    vi.advanceTimersByTime(60_000);
    expect(stuck).not.toHaveBeenCalled();
    write("b");
    vi.advanceTimersByTime(20_000);
    expect(stuck).toHaveBeenCalledOnce();
  });
});
