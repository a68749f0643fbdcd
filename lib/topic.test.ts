import { describe, expect, it } from "vitest";
import { Topic } from "../schema/internal/topic.ts";
import { GroupId, UserId } from "../schema/wire/ids.ts";
import { groupTopic, placeOf, TopicLayout, userTopic } from "./topic.ts";

const users = Array.from({ length: 2_000 }, (_, index) => userTopic(UserId.parse(String(7_300_000 + index))));

describe("the place of an object", () => {
  it("is its own topic, without a key, in the layout with a topic for each", () => {
    for (const own of users) expect(placeOf(own, "object")).toEqual({ topic: own, key: undefined });
  });

  it("is one of N topics of its kind in a hashed layout, with the object as the key", () => {
    const places = users.map((own) => placeOf(own, 8));
    expect(new Set(places.map(({ topic }) => topic))).toEqual(
      new Set([0, 1, 2, 3, 4, 5, 6, 7].map((share) => `user.${share}`)),
    );
    expect(places.map(({ key }) => key)).toEqual(users);
    for (const { topic } of places) expect(Topic.safeParse(topic).success).toBe(true);
    expect(placeOf(groupTopic(GroupId.parse("5")), 1)).toEqual({ topic: "group.0", key: "group.5" });
  });

  it("stays the same, and spreads the objects evenly", () => {
    const counts = Map.groupBy(users, (own) => placeOf(own, 8).topic);
    for (const own of users) expect(placeOf(own, 8)).toEqual(placeOf(own, 8));
    for (const share of counts.values()) expect(share.length).toBeGreaterThan(200);
  });
});

describe("a layout", () => {
  it.each([
    ["object", "object"],
    ["1", 1],
    ["100000", 100_000],
  ])("is %s", (text, layout) => {
    expect(TopicLayout.parse(text)).toBe(layout);
  });

  it.each(["0", "-1", "1.5", "100001", "objects", ""])("is not %j", (text) => {
    expect(TopicLayout.safeParse(text).success).toBe(false);
  });
});
