import { expect, test } from "vitest";
import { SNOWFLAKE_EPOCH, Snowflake, snowflakeMs } from "./snowflake.ts";

const NOON = SNOWFLAKE_EPOCH + 1_000_000;

test("ids rise within a millisecond, and contain the time of their stamp", () => {
  const generator = new Snowflake(7, () => NOON);
  const ids = Array.from({ length: 100 }, () => generator.next());
  expect(ids.every((id, index) => index === 0 || id > (ids[index - 1] ?? 0n))).toBe(true);
  expect(ids.every((id) => snowflakeMs(id) === NOON)).toBe(true);
});

test("ids rise when more than 4,096 are stamped in one millisecond", () => {
  const generator = new Snowflake(7, () => NOON);
  const ids = Array.from({ length: 10_000 }, () => generator.next());
  expect(new Set(ids).size).toBe(10_000);
  expect(ids.at(-1)).toBeGreaterThan(ids[0] ?? 0n);
  expect(snowflakeMs(ids.at(-1) ?? 0n)).toBe(NOON + 2);
});

test("ids rise when the clock steps back", () => {
  let now = NOON;
  const generator = new Snowflake(7, () => now);
  const before = generator.next();
  now -= 60_000;
  expect(generator.next()).toBeGreaterThan(before);
});

test("ids are greater than those of a worker whose clock is ahead, also when its worker id is higher", () => {
  const ahead = new Snowflake(1023, () => NOON + 500);
  const other = ahead.next();
  const generator = new Snowflake(0, () => NOON);
  generator.raise(ahead.lastMs);
  expect(generator.next()).toBeGreaterThan(other);
});

test("workers never stamp the same id", () => {
  const ids = [0, 1, 1023].flatMap((worker) => {
    const generator = new Snowflake(worker, () => NOON);
    return Array.from({ length: 5_000 }, () => generator.next());
  });
  expect(new Set(ids).size).toBe(15_000);
});
