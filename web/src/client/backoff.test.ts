import { expect, it } from "vitest";
import { CLOSE } from "../../../schema/wire/socket.ts";
import { mayReconnect, waitBefore } from "./backoff.ts";

it("waits up to a bound that doubles to 30 s", () => {
  const bounds = Array.from({ length: 8 }, (_, attempt) => waitBefore(attempt, 1006, 1));
  expect(bounds).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

it("spreads the waits from nothing to the bound", () => {
  expect(waitBefore(3, 1006, 0)).toBe(0);
  expect(waitBefore(3, 1006, 0.5)).toBe(2_000);
});

it("never reconnects at once to a server that is full or was flooded", () => {
  expect(waitBefore(0, CLOSE.tryAgainLater.code, 0)).toBeGreaterThanOrEqual(1_000);
  expect(waitBefore(0, CLOSE.tooManyFrames.code, 0)).toBeGreaterThanOrEqual(1_000);
});

it("reconnects as the table of close codes says, and after faults of the network", () => {
  for (const { code, reconnect } of Object.values(CLOSE)) expect(mayReconnect(code)).toBe(reconnect);
  expect(mayReconnect(1006)).toBe(true);
});

it("does not reconnect when a further socket of the account closed this one", () => {
  expect(mayReconnect(4009)).toBe(false);
});
