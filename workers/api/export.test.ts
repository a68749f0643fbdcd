import { afterAll, beforeAll, expect, it } from "vitest";
import { groupConversation } from "../../schema/wire/conversation-id.ts";
import { ExportLine } from "../../schema/wire/export.ts";
import { GroupId, UserId } from "../../schema/wire/ids.ts";
import { type Spine, startSpine } from "../task/spine.fixture.ts";
import { exportOf } from "./export.ts";

let spine: Spine;

beforeAll(async () => {
  spine = await startSpine();
}, 60_000);

afterAll(() => spine.close());

/** An export as a client reads it: its lines, and how many a chunk had at most. */
async function read(userId: UserId): Promise<{ lines: ExportLine[]; largest: number }> {
  const lines: ExportLine[] = [];
  let largest = 0;
  const stream = exportOf(spine.task.database, userId, (fault) => {
    throw fault;
  });
  for await (const chunk of stream) {
    const texts = new TextDecoder().decode(chunk).trimEnd().split("\n");
    largest = Math.max(largest, texts.length);
    lines.push(...texts.map((text) => ExportLine.parse(JSON.parse(text))));
  }
  return { lines, largest };
}

it("reads every message of the person's conversations once, in order, page by page", async () => {
  const sql = spine.task.database.$client;
  const [direct] = await spine.pairs(1);
  if (direct === undefined) throw new Error("a pair was made");
  const ada = UserId.parse(direct.split(":")[1]);
  const group = groupConversation(GroupId.parse("77"));
  const others = groupConversation(GroupId.parse("78"));
  const counts = new Map([
    [direct, 450],
    [group, 200],
    [others, 5],
  ]);
  for (const [conversation, count] of counts) {
    await sql.query(
      `INSERT INTO conversations (id, last_seq, rev) VALUES ($1, $2, $2)
       ON CONFLICT (id) DO UPDATE SET last_seq = excluded.last_seq, rev = excluded.rev`,
      [conversation, count],
    );
    await sql.query(
      `INSERT INTO messages (id, conversation, seq, rev, sender_id, client_id, content, sent_at)
       SELECT (SELECT coalesce(max(id), 0) FROM messages) + n, $1::text, n, n, $2::bigint, gen_random_uuid()::text,
              jsonb_build_object('type', 'text', 'text', n::text), now()
         FROM generate_series(1, $3::int) AS n`,
      [conversation, ada, count],
    );
  }
  await sql.query(
    "INSERT INTO groups (id, name, name_folded, join_policy, member_count) VALUES (77, 'Seventy', 'seventy', 'open', 1)",
  );
  await sql.query("INSERT INTO members (conversation, user_id, role) VALUES ($1, $2, 'owner')", [group, ada]);

  const { lines, largest } = await read(ada);
  expect(largest).toBe(200);
  expect(lines.filter(({ kind }) => kind !== "message")).toMatchObject([
    { kind: "profile", user: { id: ada, lastSeen: "friends" } },
    { kind: "friend", user: { id: direct.split(":")[2] } },
    { kind: "group", group: { id: "77", name: "Seventy" }, role: "owner" },
    { kind: "conversation", conversation: { id: direct, lastSeq: 450, peer: { id: direct.split(":")[2] } } },
    { kind: "conversation", conversation: { id: group, lastSeq: 200 } },
  ]);
  const places = lines.flatMap((line) =>
    line.kind === "message" ? [`${line.message.conversation} ${line.message.seq}`] : [],
  );
  const expected = [direct, group].flatMap((id) =>
    Array.from({ length: counts.get(id) ?? 0 }, (_, index) => `${id} ${index + 1}`),
  );
  expect(places).toEqual(expected);
});
