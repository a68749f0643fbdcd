import { z } from "zod";
import type { StoredObject } from "./store.ts";

const Etags = z
  .array(
    z.discriminatedUnion("type", [
      z.object({ type: z.literal("strong"), value: z.string() }),
      z.object({ type: z.literal("weak"), value: z.string() }),
      z.object({ type: z.literal("wildcard") }),
    ]),
  )
  .min(1);
type Etags = z.infer<typeof Etags>;

/** `onlyIf` of R2: the conditional headers of HTTP. Times are in milliseconds since the epoch. */
export const Condition = z.object({
  etagMatches: Etags.optional(),
  etagDoesNotMatch: Etags.optional(),
  uploadedBefore: z.coerce.number().optional(),
  uploadedAfter: z.coerce.number().optional(),
  secondsGranularity: z.boolean().optional(),
});
export type Condition = z.infer<typeof Condition>;

/** Whether a condition holds for what is stored, as HTTP defines it: an etag that decides makes the time irrelevant. */
export function holds(condition: Condition, stored: Pick<StoredObject, "etag" | "uploaded"> | null): boolean {
  const { etagMatches, etagDoesNotMatch, uploadedBefore, uploadedAfter, secondsGranularity } = condition;
  if (stored === null) return etagMatches === undefined && uploadedAfter === undefined;
  const grain = (time: number) => (secondsGranularity === true ? Math.floor(time / 1_000) : time);
  if (etagMatches !== undefined) {
    if (!includes(etagMatches, stored.etag, false)) return false;
  } else if (uploadedBefore !== undefined && grain(stored.uploaded) >= grain(uploadedBefore)) return false;
  if (etagDoesNotMatch !== undefined) return !includes(etagDoesNotMatch, stored.etag, true);
  return uploadedAfter === undefined || grain(stored.uploaded) > grain(uploadedAfter);
}

function includes(etags: Etags, etag: string, weakly: boolean): boolean {
  return etags.some(
    (one) => one.type === "wildcard" || ((weakly || one.type === "strong") && one.value === etag),
  );
}
