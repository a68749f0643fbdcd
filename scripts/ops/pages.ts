import type { z } from "zod";
import { page } from "../../schema/wire/page.ts";
import type { OperatorClient } from "./client.ts";

/** How many items one page of a list has. */
const PAGE = 200;
/** How many items are printed at most. */
const MOST = 10_000;

/** The items of a list, page by page, up to the most that are printed. */
export async function allPages<Item extends z.ZodType>(
  client: OperatorClient,
  path: string,
  item: Item,
): Promise<z.output<Item>[]> {
  const items: z.output<Item>[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ limit: String(PAGE), ...(cursor !== null && { cursor }) });
    const found: { items: z.output<Item>[]; nextCursor: string | null } = await client.get(
      `${path}?${query}`,
      page(item),
    );
    items.push(...found.items);
    cursor = found.nextCursor;
  } while (cursor !== null && items.length < MOST);
  return items;
}
