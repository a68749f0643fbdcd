import { z } from "zod";

const DEFAULT_LIMIT = 50;
export const MAX_LIMIT = 200;

/** The query of every list: the number of items, and the `nextCursor` of the previous page. */
export const PageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT),
  cursor: z.string().min(1).max(512).optional(),
});
export type PageQuery = z.infer<typeof PageQuery>;

/** A page of a list; `nextCursor` is null at the end. */
export function page<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() });
}

/** A page of a list, as a value. */
export type Page<Item> = { items: Item[]; nextCursor: string | null };
