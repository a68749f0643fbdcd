import { expect, test } from "vitest";
import type { LoggedFact } from "../../operations/kind.ts";
import { bucketAddress } from "../../schema/internal/bucket-address.ts";
import type { Recipients } from "../../schema/internal/recipients.ts";
import { Topic } from "../../schema/internal/topic.ts";
import { GroupId, MessageId, UserId } from "../../schema/wire/ids.ts";
import { pushesOf, sortByBucket, toBeCounted } from "./push.ts";

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

const topic = Topic.parse("group.9");
const left: LoggedFact = {
  kind: "fact",
  topic,
  offset: 4,
  id: MessageId.parse("4"),
  fact: { kind: "membership", groupId: group, userId: ada },
};

test("neighbours for the same people share a frame, in order, each event serialised", () => {
  const event = (userId: UserId) => ({ ev: "friend.removed", userId }) as const;
  const to = { kind: "group", groupId: group } as const;
  const pushes = pushesOf([
    { logged: left, effects: [{ to, event: event(ada) }] },
    { logged: left, effects: [{ to, event: event(ben) }] },
    { logged: left, effects: [] },
    { logged: left, effects: [{ to: { kind: "users", userIds: [cat] }, event: event(cat) }] },
  ]);
  expect(pushes).toEqual([
    { topic, to, events: [JSON.stringify(event(ada)), JSON.stringify(event(ben))] },
    { topic, to: { kind: "users", userIds: [cat] }, events: [JSON.stringify(event(cat))] },
  ]);
});

test("a control keeps its place between events, and shares no frame", () => {
  const to: Recipients = { kind: "users", userIds: [ada] };
  const event = { ev: "group.left", groupId: group } as const;
  const control = { kind: "unlink", userId: ada, groupId: group, offset: 4 } as const;
  const applied = [
    { logged: left, effects: [{ to, event }] },
    { logged: left, effects: [{ to, event, control }] },
    { logged: left, effects: [{ to, event }] },
  ];
  const pushes = pushesOf(applied);
  expect(pushes.map((push) => push.control?.kind)).toEqual([undefined, "unlink", undefined]);
  expect(toBeCounted(applied)).toEqual([{ kind: "membership", userId: ada, groupId: group }]);
});
