import { z } from "zod";
import { MAX_FRAME_BYTES } from "../schema/wire/socket.ts";

const MIB = 1024 * 1024;

const rate = z.coerce.number().positive();
const count = z.coerce.number().int().min(1);
/** A burst of bytes has room for the largest frame, or no socket could ever send one. */
const byteBurst = z.coerce.number().int().min(MAX_FRAME_BYTES);

/** The settings of a bucket, with their defaults. Rates are a second; bytes are of UTF-8 text. */
export const BucketSettings = z.object({
  /** How many frames a bucket pushes: a frame to a whole group is one. */
  PUSH_RATE: rate.default(500),
  PUSH_BURST: count.default(1_000),
  /** What one socket may send; over it, it is closed. */
  SOCKET_FRAME_RATE: rate.default(200),
  SOCKET_FRAME_BURST: count.default(2_000),
  SOCKET_BYTE_RATE: rate.default(MIB),
  SOCKET_BYTE_BURST: byteBurst.default(16 * MIB),
  /** What all sockets of one account may send together; over it, the socket that sends is closed. */
  ACCOUNT_FRAME_RATE: rate.default(500),
  ACCOUNT_FRAME_BURST: count.default(5_000),
  ACCOUNT_BYTE_RATE: rate.default(2 * MIB),
  ACCOUNT_BYTE_BURST: byteBurst.default(32 * MIB),
  /** How many operations all sockets of one account may send; those over it are rejected, and the socket stays. */
  ACCOUNT_OPERATION_RATE: rate.default(100),
  ACCOUNT_OPERATION_BURST: count.default(1_000),
  /** How many sockets a bucket holds, and how many of one account. */
  MAX_SOCKETS_PER_BUCKET: count.default(10_000),
  MAX_SOCKETS_PER_ACCOUNT: count.default(20),
  /** How much from one socket may wait for logic, and how much from all of them; a frame counts 256 bytes at least. */
  MAX_INBOUND_BYTES_PER_SOCKET: count.default(16 * MIB),
  MAX_INBOUND_BYTES_PER_BUCKET: count.default(32 * MIB),
  /** How much may wait for push tokens. */
  MAX_OUTBOUND_BYTES_PER_BUCKET: count.default(16 * MIB),
  /** How long somebody may be away before they are offline. */
  GRACE_SECONDS: z.coerce.number().min(0).default(10),
  /** After how long without a sign of life a socket is closed. Clients ping more often. */
  SOCKET_IDLE_SECONDS: z.coerce.number().min(1).default(180),
  /** How often the bucket compares the groups and sessions that it holds with the stored ones. */
  VERIFY_SECONDS: z.coerce.number().min(1).default(300),
});
export type BucketSettings = z.infer<typeof BucketSettings>;
