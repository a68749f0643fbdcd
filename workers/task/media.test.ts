import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { objectKeys } from "../../lib/media.ts";
import { type MediaUrl, mediaUrl } from "../../schema/wire/media.ts";
import { removeUnusedMedia } from "./media.ts";
import { type Spine, startSpine } from "./spine.fixture.ts";

let spine: Spine;
let deleted: string[];
let fault: Error | undefined;
let lastId = 0;

beforeAll(async () => {
  spine = await startSpine();
  spine.task.media = {
    delete: async (keys) => {
      if (fault !== undefined) throw fault;
      deleted.push(...[keys].flat());
    },
  };
}, 30_000);

afterAll(() => spine.close());

beforeEach(async () => {
  deleted = [];
  fault = undefined;
  await query("TRUNCATE media, released_media, messages CASCADE");
});

const query = (text: string, values: unknown[] = []) => spine.task.database.$client.query(text, values);

/** Something uploaded, so many hours ago. */
async function uploadedBefore(hours: number): Promise<MediaUrl> {
  const url = mediaUrl(randomBytes(16).toString("base64url"));
  await query(
    `INSERT INTO media (url, uploader_id, content, kept_until)
     VALUES ($1, 1, '{}', now() + make_interval(mins => $2))`,
    [url, (24 - hours) * 60],
  );
  return url;
}

/** A message that holds it; returns its id. */
async function messageWith(url: MediaUrl): Promise<number> {
  lastId += 1;
  await query(
    `INSERT INTO messages (id, conversation, seq, rev, sender_id, client_id, content, sent_at)
     VALUES ($1::int, 'dm:1:2', $1, $1, 1, $2, jsonb_build_object('type', 'image', 'url', $3::text), now())`,
    [lastId, `client ${lastId}`, url],
  );
  return lastId;
}

const recall = (id: number) => query("UPDATE messages SET content = NULL WHERE id = $1", [id]);
const anHourPasses = () =>
  query("UPDATE released_media SET released_at = released_at - interval '61 minutes'");

/** What is left after cron: the urls, and whether each still has a time of its own. */
async function left(): Promise<Record<string, boolean>> {
  await removeUnusedMedia(spine.task);
  const rows = await query("SELECT url, kept_until IS NOT NULL AS timed FROM media");
  return Object.fromEntries(rows.map(({ url, timed }) => [url, timed]));
}

describe("something uploaded is removed", () => {
  test("with its smaller pictures when nothing has used it for a day, and an hour", async () => {
    const [old, late, fresh] = [
      await uploadedBefore(26),
      await uploadedBefore(24.5),
      await uploadedBefore(1),
    ];
    expect(await left()).toEqual({ [late]: true, [fresh]: true });
    expect(deleted).toEqual(objectKeys(old));
  });

  test("not while a message, a person or a group names it, which is not looked at again", async () => {
    const [sent, face, badge] = [
      await uploadedBefore(26),
      await uploadedBefore(26),
      await uploadedBefore(26),
    ];
    await messageWith(sent);
    const [conversation] = await spine.pairs(1);
    expect(conversation).toBeDefined();
    await query("UPDATE users SET avatar_url = $1 WHERE id = (SELECT max(id) FROM users)", [face]);
    await query(
      `INSERT INTO groups (id, name, name_folded, join_policy, avatar_url) VALUES ($1, 'g', 'g', 'open', $2)`,
      [++lastId, badge],
    );
    expect(await left()).toEqual({ [sent]: false, [face]: false, [badge]: false });
    expect(deleted).toEqual([]);

    const next = await uploadedBefore(0);
    await query("UPDATE users SET avatar_url = $1 WHERE avatar_url = $2", [next, face]);
    await query("DELETE FROM groups WHERE avatar_url = $1", [badge]);
    await anHourPasses();
    expect(await left()).toEqual({ [sent]: false, [next]: true });
    expect(deleted.sort()).toEqual([...objectKeys(face), ...objectKeys(badge)].sort());
  });

  test("an hour after its last message is recalled or deleted", async () => {
    const url = await uploadedBefore(2);
    const [one, two] = [await messageWith(url), await messageWith(url)];
    await recall(one);
    await anHourPasses();
    expect(await left()).toEqual({ [url]: true });
    await query("DELETE FROM messages WHERE id = $1", [two]);
    expect(await left()).toEqual({ [url]: true });
    await anHourPasses();
    expect(await left()).toEqual({});
    expect(await query("SELECT * FROM released_media")).toEqual([]);
  });

  test("however much there is", async () => {
    await query(
      `INSERT INTO media (url, uploader_id, kept_until)
       SELECT '/api/v1/media/' || lpad(n::text, 22, '0'), 1, now() - interval '2 hours' FROM generate_series(1, 700) AS n`,
    );
    expect(await left()).toEqual({});
    expect(deleted).toHaveLength(3 * 700);
  });

  test("at the next run when R2 does not respond", async () => {
    const url = await uploadedBefore(26);
    fault = new Error("R2 is away");
    await expect(removeUnusedMedia(spine.task)).rejects.toThrow("R2 is away");
    fault = undefined;
    expect(await left()).toEqual({});
    expect(deleted).toEqual(objectKeys(url));
  });
});
