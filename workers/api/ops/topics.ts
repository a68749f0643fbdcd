import { OpenAPIHono, z } from "@hono/zod-openapi";
import type { Lag } from "../../../lib/message-log.ts";
import { TopicLag } from "../../../schema/wire/operator.ts";
import { type Page, PageQuery, page } from "../../../schema/wire/page.ts";
import type { Api } from "../context.ts";
import { decodeCursor, encodeCursor, keyField } from "../cursor.ts";
import { json } from "../route.ts";
import type { OperatorHono } from "./gate.ts";
import { operatorRoute } from "./route.ts";
import { readTopicLocks, topicsBehind } from "./topic-locks.ts";

/** How many topics one request to the log examines, and how many requests one page makes. */
const EXAMINED = 5_000;
const MAX_REQUESTS = 10;

const Key = z.tuple([keyField.text]);

/** Which topics lag. */
export const operatorTopics = new OpenAPIHono<OperatorHono>();

operatorTopics.openapi(
  operatorRoute({
    method: "get",
    path: "/topics",
    request: { query: PageQuery },
    responses: { 200: json(page(TopicLag), "Topics that lag, by name") },
  }),
  async (context) => {
    const { api } = context.var;
    const { limit, cursor } = context.req.valid("query");
    const [after] = cursor === undefined ? [""] : decodeCursor(Key, cursor);
    const { items, nextCursor } = await lagging(api, after, limit);
    const [behind, locks] = await Promise.all([
      topicsBehind(api.redis),
      readTopicLocks(
        api.redis,
        items.map(({ topic }) => topic),
      ),
    ]);
    const lockOf = new Map(locks.map((lock) => [lock.topic, lock]));
    const shown = items.map(
      ({ topic, committed, end }): TopicLag => ({
        ...{ topic, committed, end, lag: end - committed },
        ...{ behindSince: behind.get(topic) ?? null, lock: lockOf.get(topic) ?? null },
      }),
    );
    return context.json({ items: shown, nextCursor }, 200);
  },
);

/** A page of lag. Few of many topics lag, so a page may be short, or empty, although there are more. */
async function lagging({ messageLog }: Api, begin: string, limit: number): Promise<Page<Lag>> {
  const items: Lag[] = [];
  let after: string | null = begin;
  for (let requests = 0; requests < MAX_REQUESTS && after !== null && items.length < limit; requests++) {
    const found = await messageLog.lagging(after, EXAMINED);
    items.push(...found.items);
    after = found.next;
  }
  const last = items[limit - 1];
  // What the last request has found beyond the page is found again by the next one.
  const end = items.length > limit && last !== undefined ? last.topic : after;
  return { items: items.slice(0, limit), nextCursor: end === null ? null : encodeCursor([end]) };
}
