import type { Page } from "../../schema/wire/page.ts";
import type { Client } from "../harness/client.ts";

/** Reads a list to its end in pages of this size; returns the pages. */
export async function readPages<Item>(client: Client, path: string, limit: number): Promise<Item[][]> {
  const pages: Item[][] = [];
  const joint = path.includes("?") ? "&" : "?";
  let cursor = "";
  do {
    const { items, nextCursor } = await client.do<Page<Item>>(
      "GET",
      `${path}${joint}limit=${limit}${cursor}`,
    );
    pages.push(items);
    cursor = nextCursor === null ? "" : `&cursor=${nextCursor}`;
  } while (cursor !== "");
  return pages;
}
