import { expect, test } from "vitest";
import type { Submission } from "../lib/rpc/logic.ts";
import { MessageId, UserId } from "../schema/wire/ids.ts";
import type { React } from "../schema/wire/operation.ts";
import { friendsWhoTalk } from "./talk.fixture.ts";

const talk = friendsWhoTalk();
const { applied, codes, heard, sent } = talk;

test("reactions are on the message, in the order in which they came, with its next rev", async () => {
  const id = await sent("hello");
  await applied(react(id, "👍"));
  await applied(react(id, "❤️"), react(id, "👍", talk.ben()));
  expect(heard().at(-1)).toMatchObject({
    id,
    seq: 1,
    rev: 3,
    reactions: [
      { emoji: "👍", count: 2, userIds: [talk.ada(), talk.ben()] },
      { emoji: "❤️", count: 1, userIds: [talk.ada()] },
    ],
  });
});

test("many reactions to a message in one batch are one statement, one rev and one push", async () => {
  const id = await sent("hello");
  const other = await sent("other");
  await applied(
    react(id, "👍"),
    react(id, "🎉", talk.ben()),
    react(other, "👍"),
    react(id, "👍", talk.ben()),
  );
  expect(heard().map(({ id, rev }) => [id, rev])).toEqual([
    [id, 1],
    [other, 2],
    [id, 3],
    [other, 4],
  ]);
});

test("taking the last one of an emoji away takes the emoji away, and the last emoji the reactions", async () => {
  const id = await sent("hello");
  await applied(react(id, "👍"), react(id, "❤️"), react(id, "👍", talk.ada(), false));
  expect(heard().at(-1)?.reactions).toEqual([{ emoji: "❤️", count: 1, userIds: [talk.ada()] }]);
  await applied(react(id, "❤️", talk.ada(), false));
  expect(heard().at(-1)).not.toHaveProperty("reactions");
  expect(await stored(id)).toEqual([]);
});

test("the same again, or taking away what is not there, changes nothing", async () => {
  const id = await sent("hello");
  const first = react(id, "👍");
  await applied(first);
  await applied(react(id, "👍"), react(id, "🎉", talk.ada(), false));
  await applied(react(id, "👍", talk.ada(), false));
  await applied(first);
  expect(heard().map(({ rev }) => rev)).toEqual([1, 2, 3, 3]);
  expect(heard().at(-1)).not.toHaveProperty("reactions");
});

test("of many people the first 50 are shown, and the next one moves up when one of them leaves", async () => {
  const id = await sent("hello");
  await crowd(id, 59);
  await applied(react(id, "👍", talk.ben()));
  const [before] = heard().at(-1)?.reactions ?? [];
  expect(before).toMatchObject({ count: 60 });
  expect(before?.userIds).toEqual(Array.from({ length: 50 }, (_, index) => String(index + 1)));
  await applied(react(id, "👍", talk.ada()));
  await talk.query("UPDATE reactions SET reacted_at = '2020-01-01' WHERE user_id = $1", talk.ada());
  await applied(react(id, "👍", talk.ada(), false));
  const [after] = heard().at(-1)?.reactions ?? [];
  expect(after).toMatchObject({ count: 60, userIds: before?.userIds });
});

test("a message takes 20 different emoji; a further one is refused, or changes nothing after a race", async () => {
  const id = await sent("hello");
  await applied(...EMOJI.slice(0, 19).map((emoji) => react(id, emoji)));
  await applied(react(id, EMOJI[19] ?? ""), react(id, EMOJI[20] ?? "", talk.ben()));
  expect(
    heard()
      .at(-1)
      ?.reactions?.map(({ emoji }) => emoji),
  ).toEqual(EMOJI.slice(0, 20));
  expect(await codes(react(id, EMOJI[20] ?? ""), react(id, EMOJI[19] ?? "", talk.ben()))).toEqual([
    "too_many_reactions",
    "ok",
  ]);
});

test("a recall takes the reactions away; a later reaction is refused, or changes nothing after a race", async () => {
  const id = await sent("hello");
  await applied(react(id, "👍"), talk.asks({ op: "recall", messageId: id }), react(id, "❤️"));
  expect(heard().at(-1)).not.toHaveProperty("reactions");
  expect(heard().at(-1)).toMatchObject({ content: null, rev: 3 });
  expect(await stored(id)).toEqual([]);
  expect(await codes(react(id, "👍"), react(MessageId.parse("77"), "👍"))).toEqual([
    "not_allowed",
    "message_not_found",
  ]);
});

const EMOJI = [..."😀😁😂😃😄😅😆😇😈😉😊😋😌😍😎😏😐😑😒😓😔"];

function react(messageId: MessageId, emoji: string, userId = talk.ada(), on = true): Submission<React> {
  return talk.asks({ op: "react", messageId, emoji, on }, userId) as Submission<React>;
}

/** People who have reacted to a message before, the ones with the lower ids earlier. */
async function crowd(id: MessageId, size: number): Promise<void> {
  await talk.query(
    `INSERT INTO reactions SELECT $1, '👍', number, '2021-01-01'::timestamptz + number * interval '1 s'
       FROM generate_series(1, $2::int) AS number`,
    id,
    size,
  );
  const userIds = Array.from({ length: 50 }, (_, index) => UserId.parse(String(index + 1)));
  await talk.query(
    "UPDATE messages SET reactions = jsonb_build_array(jsonb_build_object('emoji', '👍', 'count', $2::int, 'userIds', $3::jsonb)) WHERE id = $1",
    id,
    size,
    JSON.stringify(userIds),
  );
}

function stored(id: MessageId) {
  return talk.query("SELECT emoji, user_id FROM reactions WHERE message_id = $1", id);
}
