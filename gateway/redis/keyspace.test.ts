import { describe, expect, it } from "vitest";
import { Keyspace } from "./keyspace.ts";

describe("sweeping", () => {
  it("removes expired keys that no command reads, and no others", () => {
    const { store, at } = keyspace();
    for (let index = 0; index < 5_000; index += 1) store.set(`brief:${index}`, "x", 1_000);
    for (let index = 0; index < 100; index += 1) store.set(`long:${index}`, "x", 9_000);
    store.set("lasting", "x");
    at(1_000);
    store.sweep();
    expect(store.size).toBe(101);
  });

  it("checks one batch when few keys have expired, and all keys in turn", () => {
    const { store, at } = keyspace();
    for (let index = 0; index < 1_000; index += 1) store.set(`long:${index}`, "x", 9_000);
    store.set("brief", "x", 1_000);
    at(1_000);
    store.sweep();
    expect(store.size).toBe(1_001);
    for (let sweep = 0; sweep < 10; sweep += 1) store.sweep();
    expect(store.size).toBe(1_000);
  });

  it("has bounded work for any number of expired keys", () => {
    const { store, at } = keyspace();
    for (let index = 0; index < 30_000; index += 1) store.set(`brief:${index}`, "x", 1_000);
    at(1_000);
    store.sweep();
    expect(store.size).toBe(20_000);
    store.sweep();
    store.sweep();
    expect(store.size).toBe(0);
  });

  it("forgets the expiry of a key that was deleted, persisted or set again", () => {
    const { store, at } = keyspace();
    store.set("persisted", "x", 1_000);
    store.expire("persisted", Number.POSITIVE_INFINITY);
    store.set("again", "x", 1_000);
    store.set("again", "y");
    store.set("deleted", "x", 1_000);
    store.delete("deleted");
    store.set("deleted", "y");
    at(1_000);
    store.sweep();
    expect([...store.keys()]).toEqual(["persisted", "again", "deleted"]);
  });
});

/** A keyspace at the time 0, and a function that moves its clock. */
function keyspace() {
  let now = 0;
  const store = new Keyspace(() => now);
  const at = (time: number) => {
    now = time;
  };
  return { store, at };
}
