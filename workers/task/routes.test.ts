import { expect, test } from "vitest";
import { bucketAddress } from "../../schema/internal/bucket-address.ts";
import { Topic } from "../../schema/internal/topic.ts";
import { GroupId, UserId } from "../../schema/wire/ids.ts";
import { sortByBucket } from "./routes.ts";

const ada = UserId.parse("1");
const ben = UserId.parse("2");
const cat = UserId.parse("3");
const group = GroupId.parse("9");
const north = bucketAddress("north", 0);
const south = bucketAddress("south", 1);

const routes = {
  users: new Map([
    [ada, new Set([north])],
    [ben, new Set([north, south])],
    [cat, new Set<typeof north>()],
  ]),
  groups: new Map([[group, new Set([south])]]),
};

test("each bucket gets what concerns it, in order, for the people it holds", () => {
  const topicOfAda = Topic.parse("user.1");
  const topicOfGroup = Topic.parse("group.9");
  const deliveries = sortByBucket(
    [
      { topic: topicOfAda, to: { kind: "users", userIds: [ada, ben] }, events: ["1"] },
      { topic: topicOfGroup, to: { kind: "group", groupId: group }, events: ["2", "3"] },
      { topic: null, to: { kind: "users", userIds: [cat] }, events: ["4"] },
    ],
    routes,
  );
  expect(deliveries).toEqual([
    {
      address: north,
      items: [{ to: { kind: "users", userIds: [ada, ben] }, events: ["1"] }],
      topics: [topicOfAda],
    },
    {
      address: south,
      items: [
        { to: { kind: "users", userIds: [ben] }, events: ["1"] },
        { to: { kind: "group", groupId: group }, events: ["2", "3"] },
      ],
      topics: [topicOfAda, topicOfGroup],
    },
  ]);
});
