import { expect, it, vi } from "vitest";
import { UserId } from "../../../schema/wire/ids.ts";
import type { User } from "../../../schema/wire/user.ts";
import { Names } from "./names.ts";
import { ApiProblem } from "./problem.ts";
import { initialState } from "./state.ts";
import { Store } from "./store.ts";
import { ann, person } from "./testing.ts";

const everybody = Array.from({ length: 500 }, (_, index) => person(String(index + 10), `P${index}`));
const ids = everybody.map(({ id }) => id);
const gone = UserId.parse("9");

/** Names against a server that knows everybody; each request is held until the test lets it go. */
function makeNames() {
  const held: (() => void)[] = [];
  const users = vi.fn(async (batch: readonly UserId[]): Promise<User[]> => {
    await new Promise<void>((resolve) => held.push(resolve));
    return everybody.filter(({ id }) => batch.includes(id));
  });
  const store = new Store(initialState(ann));
  const names = new Names({ users }, store);
  const release = async () => {
    held.shift()?.();
    await vi.waitFor(() => expect(held.length > 0 || store.state().people.size > 1).toBe(true));
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { users, store, names, release, batches: () => users.mock.calls.map(([batch]) => batch.length) };
}

it("requests at once, and gathers what is needed while a request is under way", async () => {
  const { names, release, batches, store } = makeNames();
  for (const id of ids.slice(0, 4)) names.need([id]);
  expect(batches()).toEqual([1]);
  await release();
  expect(batches()).toEqual([1, 3]);
  await release();
  expect(store.state().people.get(ids[3] ?? gone)?.displayName).toBe("P3");
});

it("requests 200 at a time, each person once", async () => {
  const { names, release, batches, store } = makeNames();
  names.need(ids);
  names.need(ids);
  for (let request = 0; request < 3; request += 1) await release();
  expect(batches()).toEqual([200, 200, 100]);
  names.need(ids);
  expect(batches()).toHaveLength(3);
  expect(store.state().people.size).toBe(501);
});

it("does not request again whom the server does not know", async () => {
  const { names, release, batches } = makeNames();
  names.need([gone, ...ids.slice(0, 1)]);
  await release();
  names.need([gone]);
  expect(batches()).toEqual([2]);
});

it("requests again after a fault, not after a refusal", async () => {
  const { names, users } = makeNames();
  users.mockRejectedValueOnce(ApiProblem.network());
  names.need([gone]);
  await new Promise((resolve) => setImmediate(resolve));
  users.mockRejectedValueOnce(new ApiProblem({ status: 400, code: "invalid_request", message: "" }));
  names.need([gone]);
  await new Promise((resolve) => setImmediate(resolve));
  names.need([gone]);
  expect(users).toHaveBeenCalledTimes(2);
});
