import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ConversationId } from "../schema/wire/conversation-id.ts";
import { ClientId, type UserId } from "../schema/wire/ids.ts";
import { type ImageContent, mediaUrl } from "../schema/wire/media.ts";
import { personOf, type Spine, startSpine } from "../workers/task/spine.fixture.ts";
import { judgeMedia } from "./media-content.ts";

let spine: Spine;
let conversation: ConversationId;
let ada: UserId;
let ben: UserId;
let eve: UserId;
let image: ImageContent;

beforeAll(async () => {
  spine = await startSpine();
}, 30_000);

afterAll(() => spine.close());

/** Something that Ada has uploaded, before anybody uses it. */
beforeEach(async () => {
  const [one, other] = await spine.pairs(2);
  if (one === undefined || other === undefined) throw new Error("two pairs");
  conversation = one;
  [ada, ben, eve] = [personOf(one, 0), personOf(one, 1), personOf(other, 0)];
  const url = mediaUrl(randomBytes(16).toString("base64url"));
  image = { type: "image", url, width: 4, height: 3, mime: "image/png", size: 70 };
  await query("INSERT INTO media (url, uploader_id, content) VALUES ($1, $2, $3)", [url, ada, image]);
});

const query = (text: string, values: unknown[]) => spine.task.database.$client.query(text, values);

function sendOf(userId: UserId, content: ImageContent | { type: "text"; text: string }) {
  const frame = { op: "send" as const, conversation, clientId: ClientId.parse(randomUUID()), content };
  return { userId, frame };
}

/** Stores a message as task does. */
async function store({ userId, frame }: ReturnType<typeof sendOf>, id: number): Promise<void> {
  await query(
    `INSERT INTO messages (id, conversation, seq, rev, sender_id, client_id, content, sent_at)
     VALUES ($1::bigint, $2, $1::int, $1::int, $3, $4, $5, now())`,
    [id, frame.conversation, userId, frame.clientId, frame.content],
  );
}

async function codes(...batch: ReturnType<typeof sendOf>[]): Promise<string[]> {
  const refusals = await judgeMedia(spine.task.database, batch);
  return refusals.map((refusal) => refusal?.code ?? "ok");
}

describe("what was uploaded is sent", () => {
  test("by its uploader, and by nobody else before they can see it", async () => {
    expect(await codes(sendOf(ada, image), sendOf(ben, image), sendOf(eve, image))).toEqual([
      "ok",
      "media_not_found",
      "media_not_found",
    ]);
    await store(sendOf(ada, image), 1);
    expect(await codes(sendOf(ada, image), sendOf(ben, image), sendOf(eve, image))).toEqual([
      "ok",
      "ok",
      "media_not_found",
    ]);
  });

  test("only as the upload described it, beside texts", async () => {
    const text = { type: "text" as const, text: "hello" };
    const batch = [sendOf(eve, text), sendOf(ada, { ...image, width: 5 }), sendOf(ada, image)];
    expect(await codes(...batch)).toEqual(["ok", "invalid_request", "ok"]);
  });

  test("not before it is stored, nor when its time has passed", async () => {
    await query("UPDATE media SET content = NULL WHERE url = $1", [image.url]);
    expect(await codes(sendOf(ada, image))).toEqual(["media_not_found"]);
    await query("UPDATE media SET content = $2, kept_until = now() WHERE url = $1", [image.url, image]);
    expect(await codes(sendOf(ada, image))).toEqual(["media_not_found"]);
  });

  test("not once its last message is recalled; but a message sent again is the same message", async () => {
    const [first, second] = [sendOf(ada, image), sendOf(ben, image)];
    await store(first, 2);
    await store(second, 3);
    await query("UPDATE messages SET content = NULL WHERE client_id = $1", [first.frame.clientId]);
    expect(await codes(sendOf(ada, image))).toEqual(["ok"]);
    await query("DELETE FROM messages WHERE client_id = $1", [second.frame.clientId]);
    expect(await codes(sendOf(ada, image), first, second)).toEqual([
      "media_not_found",
      "ok",
      "media_not_found",
    ]);
  });

  test("in no round trip when there are only texts, and in one otherwise", async () => {
    const { postgres } = await spine.roundTrips();
    await codes(sendOf(ada, { type: "text", text: "hello" }));
    await codes(...Array.from({ length: 50 }, () => sendOf(ada, image)));
    expect((await spine.roundTrips()).postgres - postgres).toBe(1);
  });
});
