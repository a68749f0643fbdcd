import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ClientId } from "../../../schema/wire/ids.ts";
import { Outbox } from "./outbox.ts";
import type { Frame } from "./socket.ts";
import type { Outgoing } from "./state.ts";
import { annAndBen } from "./testing.ts";

/** An outbox with storage that another can be made from, as after a reload. */
function makeOutbox(kept = new Map<ClientId, Outgoing>()) {
  const sent: string[] = [];
  const ids: string[] = [];
  const changed: Outgoing[] = [];
  const stuck = vi.fn();
  const outbox = new Outbox({
    storage: {
      read: () => [...kept.values()],
      put: (message) => void kept.set(message.clientId, message),
      remove: (clientId) => void kept.delete(clientId),
    },
    transmit: (frame: Frame) => {
      if (frame.op !== "send" || frame.content.type !== "text") return false;
      sent.push(frame.content.text);
      ids.push(frame.clientId);
      return true;
    },
    changed: (message) => void changed.push(message),
    stuck,
  });
  return { outbox, sent, ids, changed, stuck, kept };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("an outbox", () => {
  it("keeps what is written without a connection, and sends it in order with one", () => {
    const { outbox, sent } = makeOutbox();
    for (const text of ["a", "b", "c"]) outbox.add(annAndBen, text);
    expect(sent).toEqual([]);
    outbox.connected(true);
    expect(sent).toEqual(["a", "b", "c"]);
  });

  it("sends what was not answered again on the next connection, under the same client ids", () => {
    const { outbox, sent, ids } = makeOutbox();
    outbox.connected(true);
    for (const text of ["a", "b", "c"]) outbox.add(annAndBen, text);
    const [first] = outbox.waiting();
    if (first !== undefined) outbox.settle(first);
    outbox.connected(false);
    outbox.connected(true);
    expect(sent).toEqual(["a", "b", "c", "b", "c"]);
    expect(ids.slice(3)).toEqual(ids.slice(1, 3));
  });

  it("survives a reload of the page", () => {
    const { outbox, kept } = makeOutbox();
    for (const text of ["a", "b"]) outbox.add(annAndBen, text);
    const reloaded = makeOutbox(kept);
    expect(reloaded.changed.map(({ text }) => text)).toEqual(["a", "b"]);
    reloaded.outbox.connected(true);
    expect(reloaded.sent).toEqual(["a", "b"]);
    for (const clientId of reloaded.outbox.waiting()) reloaded.outbox.settle(clientId);
    expect(kept.size).toBe(0);
  });

  it("keeps a refused message as failed until it is tried again", () => {
    const { outbox, sent, ids, changed, kept } = makeOutbox();
    outbox.connected(true);
    outbox.add(annAndBen, "a");
    const [clientId] = outbox.waiting();
    if (clientId === undefined) return expect.fail("nothing waits");
    outbox.refuse(clientId, "Only friends may write to each other");
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

  it("has sixteen sends unanswered at most", () => {
    const { outbox, sent } = makeOutbox();
    outbox.connected(true);
    for (let number = 1; number <= 20; number += 1) outbox.add(annAndBen, String(number));
    expect(sent).toHaveLength(16);
    for (const clientId of outbox.waiting().slice(0, 2)) outbox.settle(clientId);
    expect(sent.slice(16)).toEqual(["17", "18"]);
  });

  it("gives a connection up that does not answer, and none that does", () => {
    const { outbox, stuck } = makeOutbox();
    outbox.connected(true);
    outbox.add(annAndBen, "a");
    for (const clientId of outbox.waiting()) outbox.settle(clientId);
    vi.advanceTimersByTime(60_000);
    expect(stuck).not.toHaveBeenCalled();
    outbox.add(annAndBen, "b");
    vi.advanceTimersByTime(20_000);
    expect(stuck).toHaveBeenCalledOnce();
  });
});
