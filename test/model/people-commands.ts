import { expect } from "vitest";
import type { FriendRequest } from "../../schema/wire/friend.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import type { Model } from "./model.ts";
import { choice, type Plan, pick, step } from "./step.ts";
import type { World } from "./world.ts";

type Pair = { who: number; whom: number };

const pair = { who: choice, whom: choice };

/** A plan for two different people. */
function between(plan: (world: World, model: Model, who: UserId, whom: UserId) => Promise<void>): Plan<Pair> {
  return (values, model) => {
    const who = pick(model.people, values.who);
    const others = model.people.filter((other) => other !== who);
    const whom = pick(others, values.whom);
    return who === undefined || whom === undefined ? null : (world) => plan(world, model, who, whom);
  };
}

/** One asks, the other accepts. */
export const becomeFriends = between(async (world, model, who, whom) => {
  const body = { userId: whom };
  const refusal = model.isBlocked(who, whom)
    ? "not_friends"
    : model.areFriends(who, whom)
      ? "already_friends"
      : null;
  if (refusal !== null) {
    expect(await world.refusal(who, "POST", "/friends/requests", body)).toBe(refusal);
    return;
  }
  const { id } = await world.client(who).do<FriendRequest>("POST", "/friends/requests", body);
  await world.client(whom).do("POST", `/friends/requests/${id}/accept`);
  model.befriend(who, whom);
});

const befriend = step("befriend", pair, becomeFriends);

const unfriend = step(
  "unfriend",
  pair,
  between(async (world, model, who, whom) => {
    const refusal = model.areFriends(who, whom) ? null : "friend_not_found";
    expect(await world.refusal(who, "DELETE", `/friends/${whom}`)).toBe(refusal);
    model.unfriend(who, whom);
  }),
);

const block = step(
  "block",
  pair,
  between(async (world, model, who, whom) => {
    expect(await world.refusal(who, "PUT", `/blocks/${whom}`)).toBe(null);
    model.block(who, whom);
  }),
);

const unblock = step(
  "unblock",
  pair,
  between(async (world, model, who, whom) => {
    expect(await world.refusal(who, "DELETE", `/blocks/${whom}`)).toBe(null);
    model.unblock(who, whom);
  }),
);

/** Who may write to whom. Friendships end seldom, so that there is something to write. */
export const peopleCommands = [
  { weight: 5, arbitrary: befriend },
  { weight: 1, arbitrary: unfriend },
  { weight: 1, arbitrary: block },
  { weight: 2, arbitrary: unblock },
];
