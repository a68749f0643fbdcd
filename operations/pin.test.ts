import { expect, test } from "vitest";
import type { Submission } from "../lib/rpc/logic.ts";
import { MessageId } from "../schema/wire/ids.ts";
import { friendsWhoTalk } from "./talk.fixture.ts";

const talk = friendsWhoTalk();
const { applied, codes, heard, sent } = talk;

test("a pinned message says so, with its next rev, until it is unpinned", async () => {
  const id = await sent("rules");
  await applied(pin(id, true, talk.ben()));
  expect(heard().at(-2)).toMatchObject({ id, seq: 1, rev: 2, pinned: true });
  await applied(pin(id, false));
  expect(heard().at(-1)).toMatchObject({ id, rev: 4 });
  expect(heard().at(-1)).not.toHaveProperty("pinned");
});

test("pinning what is pinned, and unpinning what is not, changes nothing", async () => {
  const id = await sent("rules");
  await applied(pin(id, false), pin(id, true), pin(id, true));
  expect(heard().map(({ rev, pinned }) => [rev, pinned])).toEqual([
    [1, undefined],
    [2, true],
    [3, undefined],
  ]);
});

test("a pin is mentioned in the history, by whoever pinned, once, and is not unread", async () => {
  const id = await sent("rules");
  const first = pin(id, true, talk.ben());
  await applied(first, talk.text("next"));
  const told = {
    seq: 2,
    rev: 3,
    senderId: talk.ben(),
    content: { type: "notice", notice: { kind: "pinned", messageId: id } },
  };
  expect(heard().slice(1)).toMatchObject([{ id, rev: 2 }, told, { seq: 3, rev: 4 }]);
  const [, , notice] = heard();
  await applied(first);
  expect(heard().slice(-2)).toMatchObject([{ id, rev: 2, pinned: true }, told]);
  expect(heard().at(-1)).toEqual(notice);
  await applied(pin(MessageId.parse(id), false), talk.text("after"));
  expect(heard().slice(-2)).toMatchObject([
    { id, rev: 5 },
    { seq: 4, rev: 6 },
  ]);
  const [counted] = await talk.query(
    "SELECT last_seq, rev, notices FROM conversations WHERE id = $1",
    talk.conversation(),
  );
  expect(counted).toEqual({ last_seq: 4, rev: 6, notices: 1 });
  expect(await codes(pin(MessageId.parse(notice?.id), true))).toEqual(["not_allowed"]);
});

test("a pin under the client id of a message changes nothing", async () => {
  const id = await sent("rules");
  const again = pin(id, true);
  const { clientId } = heard()[0] ?? {};
  await applied({ ...again, frame: { ...again.frame, clientId } as typeof again.frame });
  expect(heard().slice(1)).toMatchObject([{ id, rev: 1 }]);
});

test("a recall unpins; a later pin is refused, or changes nothing after a race", async () => {
  const id = await sent("rules");
  await applied(pin(id, true), talk.asks({ op: "recall", messageId: id }), pin(id, true));
  expect(heard().at(-1)).toMatchObject({ rev: 4, content: null });
  expect(heard().at(-1)).not.toHaveProperty("pinned");
  expect(await codes(pin(id, true), pin(MessageId.parse("77"), true))).toEqual([
    "not_allowed",
    "message_not_found",
  ]);
});

test("a conversation holds 50 pins, exactly, also when many are pinned at once", async () => {
  await applied(...Array.from({ length: 52 }, (_, index) => talk.text(`rule ${index + 1}`)));
  const ids = heard().map(({ id }) => id);
  const [first, second] = ids;
  if (first === undefined || second === undefined) throw new Error("expected messages");
  await applied(...ids.map((id) => pin(id, true)));
  expect(await pinned()).toEqual(ids.slice(0, 50));
  expect(await codes(pin(ids.at(-1), true), pin(second, true), pin(first, false))).toEqual([
    "too_many_pins",
    "ok",
    "ok",
  ]);
  await talk.drained();
  await applied(pin(ids.at(-1), true));
  expect(await pinned()).toEqual([...ids.slice(1, 50), ids.at(-1)]);
});

function pin(messageId: MessageId | undefined, on: boolean, userId = talk.ada()): Submission {
  return talk.asks({ op: "pin", messageId: MessageId.parse(messageId), on }, userId);
}

async function pinned() {
  const rows = await talk.query(
    "SELECT id::text FROM messages WHERE conversation = $1 AND pinned_at IS NOT NULL ORDER BY id",
    talk.conversation(),
  );
  return rows.map(({ id }) => id);
}
