import { describe, expect, it } from "vitest";
import type { Recipients } from "../schema/internal/recipients.ts";
import { GroupId, UserId } from "../schema/wire/ids.ts";
import { MAX_GATHERED_BYTES } from "./frame.ts";
import { type Addressee, FrameQueue } from "./frame-queue.ts";

const group = (id: string): Recipients => ({ kind: "group", groupId: GroupId.parse(id) });
const user = (id: string): Recipients => ({ kind: "users", userIds: [UserId.parse(id)] });

function addressee(): Addressee {
  return { queuedAt: 0 };
}

/** Everything that waits, a list of events a frame. */
function frames(queue: FrameQueue): string[][] {
  const written: string[][] = [];
  for (let frame = queue.first; frame !== undefined; frame = queue.first) {
    written.push(frame.events);
    queue.shift();
  }
  return written;
}

describe("a frame queue", () => {
  it("merges what waits for the same recipients into one frame", () => {
    const queue = new FrameQueue();
    const members = [addressee(), addressee()];
    for (const event of ["1", "2", "3"]) queue.add({ to: group("1"), events: [event] }, members);
    expect(frames(queue)).toEqual([["1", "2", "3"]]);
  });

  it("merges past frames that are for nobody of the same recipients", () => {
    const queue = new FrameQueue();
    const [anna, bela] = [addressee(), addressee()];
    queue.add({ to: user("1"), events: ["a1"] }, [anna]);
    queue.add({ to: user("2"), events: ["b1"] }, [bela]);
    queue.add({ to: user("1"), events: ["a2"] }, [anna]);
    queue.add({ to: user("2"), events: ["b2"] }, [bela]);
    expect(frames(queue)).toEqual([
      ["a1", "a2"],
      ["b1", "b2"],
    ]);
  });

  it("keeps the order of an addressee of several recipients", () => {
    const queue = new FrameQueue();
    const [anna, bela] = [addressee(), addressee()];
    queue.add({ to: group("1"), events: ["g1"] }, [anna, bela]);
    queue.add({ to: user("1"), events: ["u1"] }, [anna]);
    queue.add({ to: group("1"), events: ["g2"] }, [anna, bela]);
    queue.add({ to: group("1"), events: ["g3"] }, [anna, bela]);
    queue.add({ to: user("1"), events: ["u2"] }, [anna]);
    expect(frames(queue)).toEqual([["g1"], ["u1"], ["g2", "g3"], ["u2"]]);
  });

  it("merges nothing past a control", () => {
    const queue = new FrameQueue();
    const members = [addressee()];
    const link = { kind: "link", userId: UserId.parse("1"), groupId: GroupId.parse("1"), offset: 1 } as const;
    queue.add({ to: group("1"), events: ["1"] }, members);
    queue.add({ to: user("1"), events: ["joined"], control: link }, []);
    queue.add({ to: group("1"), events: ["2"] }, members);
    expect(frames(queue)).toEqual([["1"], ["joined"], ["2"]]);
  });

  it("merges nothing into what was there before it was sealed", () => {
    const queue = new FrameQueue();
    queue.add({ to: group("1"), events: ["1"] }, []);
    queue.seal();
    queue.add({ to: group("1"), events: ["2"] }, []);
    queue.add({ to: group("1"), events: ["3"] }, []);
    expect(frames(queue)).toEqual([["1"], ["2", "3"]]);
  });

  it("merges on when somebody further comes, who gets one conversation in order too", () => {
    const queue = new FrameQueue();
    const [anna, bela] = [addressee(), addressee()];
    queue.add({ to: group("1"), events: ["1"] }, [anna]);
    queue.add({ to: user("2"), events: ["direct"] }, []);
    queue.add({ to: group("1"), events: ["2"] }, [anna, bela]);
    queue.add({ to: user("2"), events: ["direct again"] }, [bela]);
    queue.add({ to: group("1"), events: ["3"] }, [anna, bela]);
    expect(frames(queue)).toEqual([["1", "2"], ["direct", "direct again"], ["3"]]);
  });

  it("does not let a frame grow without end", () => {
    const queue = new FrameQueue();
    const long = "x".repeat(MAX_GATHERED_BYTES / 2);
    for (let event = 0; event < 4; event++) queue.add({ to: group("1"), events: [long] }, []);
    expect(frames(queue).map(({ length }) => length)).toEqual([1, 1, 1, 1]);
  });

  it("counts bytes of UTF-8", () => {
    const queue = new FrameQueue();
    queue.add({ to: group("1"), events: ["€"] }, []);
    expect(queue.bytes).toBe(4);
  });

  it("knows how much is waiting, and forgets what has left", () => {
    const queue = new FrameQueue();
    for (let round = 0; round < 3_000; round++)
      queue.add({ to: user(String(round + 1)), events: ["12345"] }, []);
    expect(queue.bytes).toBe(18_000);
    expect(frames(queue)).toHaveLength(3_000);
    expect(queue.bytes).toBe(0);
    expect(queue.isEmpty).toBe(true);
  });

  it("keeps every addressee's order over any mixture", () => {
    const queue = new FrameQueue();
    const people = Array.from({ length: 6 }, addressee);
    const recipients = [0b000001, 0b000011, 0b111000, 0b010101, 0b111111, 0b100000, 0b001100];
    const expected = people.map((): number[] => []);
    for (let event = 0; event < 500; event++) {
      const choice = (event * 7919 + ((event * event) % 13)) % recipients.length;
      const mask = recipients[choice] ?? 0;
      const addressees = people.filter((_, index) => mask & (1 << index));
      people.forEach((_, index) => {
        if (mask & (1 << index)) expected[index]?.push(event);
      });
      queue.add({ to: group(String(mask)), events: [String(event)] }, addressees);
    }
    const received = people.map((): number[] => []);
    for (let frame = queue.first; frame !== undefined; frame = queue.first) {
      const mask = frame.to.kind === "group" ? Number(frame.to.groupId) : 0;
      const events = frame.events.map(Number);
      people.forEach((_, index) => {
        if (mask & (1 << index)) received[index]?.push(...events);
      });
      queue.shift();
    }
    expect(received).toEqual(expected);
  });
});
