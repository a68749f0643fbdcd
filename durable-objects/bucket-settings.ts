import { z } from "zod";

/** The settings of a bucket, with their defaults. Rates are a second. */
export const BucketSettings = z.object({
  /** How many frames a bucket pushes: a frame to a whole group is one. */
  PUSH_RATE: z.coerce.number().positive().default(500),
  PUSH_BURST: z.coerce.number().int().min(1).default(1_000),
  /** How many frames one socket may send. */
  FRAME_RATE: z.coerce.number().positive().default(200),
  FRAME_BURST: z.coerce.number().int().min(1).default(2_000),
  /** How long somebody may be away before anybody is told. */
  GRACE_SECONDS: z.coerce.number().min(0).default(10),
  /** After how long without a sign of life a socket is given up. Clients ping more often. */
  SOCKET_IDLE_SECONDS: z.coerce.number().min(1).default(180),
  /** How many sockets a bucket holds. */
  MAX_SOCKETS: z.coerce.number().int().min(1).default(10_000),
  /** How much text may wait for push tokens, and how much from clients for logic. */
  MAX_QUEUED_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .default(16 * 1024 * 1024),
});
export type BucketSettings = z.infer<typeof BucketSettings>;
