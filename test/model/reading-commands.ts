import fc from "fast-check";
import { expect } from "vitest";
import { compareList } from "./compare.ts";
import type { Road } from "./device.ts";
import { eventually } from "./eventually.ts";
import { recent, seatAt } from "./message-commands.ts";
import { choice, pick, step } from "./step.ts";

const place = { who: choice, where: choice, device: fc.nat(1) };

const read = step(
  "read",
  { ...place, back: fc.nat(4), road: fc.constantFrom<Road>("socket", "http") },
  ({ back, road, ...where }, model) => {
    const seat = seatAt(model, where);
    if (seat === null) return null;
    const { userId, conversation } = seat;
    // Now and then past the newest message, and often before what was read.
    const seq = Math.max(0, conversation.lastSeq + 1 - back);
    return async (world) => {
      await seat.at(world).read(conversation.id, seq, road);
      conversation.read(userId, seq);
      const { readSeq } = conversation.member(userId);
      const { client } = seat.at(world);
      await eventually(`the read mark ${readSeq}`, async () => {
        const listed = await client.conversations();
        return listed.find(({ id }) => id === conversation.id)?.readSeq === readSeq ? true : null;
      });
      const connected = world.devices(userId).filter((device) => device.isConnected);
      await Promise.all(connected.map((device) => device.hasRead(conversation.id, readSeq)));
    };
  },
);

const hide = step("hide", { ...place, what: choice }, ({ what, ...where }, model) => {
  const seat = seatAt(model, where);
  const message = seat && recent(seat.conversation, seat.userId, what);
  if (!message) return null;
  const { userId, conversation } = seat;
  const path = `/conversations/${conversation.id}/messages/${message.id}`;
  return async (world) => {
    expect(await world.refusal(userId, "DELETE", path)).toBe(null);
    conversation.hide(userId, message.id);
  };
});

/** Left out, null, or a value: what a field of a change can be. */
function field<Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | null | undefined> {
  return fc.oneof(fc.constant(undefined), fc.constant(null), value);
}

const set = step(
  "set",
  {
    ...place,
    mutedUntil: field(fc.constantFrom("2100-01-01T00:00:00.000Z", "2001-01-01T00:00:00.000Z")),
    pinned: field(fc.boolean()),
    archived: field(fc.boolean()),
    draft: field(fc.string({ unit: "grapheme", maxLength: 8 })),
  },
  ({ who, where, device, ...fields }, model) => {
    const seat = seatAt(model, { who, where, device });
    if (seat === null) return null;
    const { userId, conversation } = seat;
    const change = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    return async (world) => {
      const path = `/conversations/${conversation.id}`;
      expect(await world.refusal(userId, "PATCH", path, change)).toBe(null);
      conversation.set(userId, change);
    };
  },
);

const lookAtList = step("lookAtList", { who: choice }, ({ who }, model) => {
  const userId = pick(model.people, who);
  return userId === undefined ? null : (world) => compareList(model, world, userId);
});

/** What changes nothing for others. */
export const readingCommands = [
  { weight: 6, arbitrary: read },
  { weight: 5, arbitrary: hide },
  { weight: 3, arbitrary: set },
  { weight: 2, arbitrary: lookAtList },
];
