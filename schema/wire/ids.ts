import { z } from "zod";

/** The largest value of a signed 64-bit integer, and so of an id in Postgres. */
const MAX_ID = 9_223_372_036_854_775_807n;

/** A 64-bit Snowflake as a decimal string without leading zeros. */
const snowflake = z
  .string()
  .regex(/^[1-9][0-9]{0,18}$/, { error: "must be a Snowflake id in decimal", abort: true })
  .refine((id) => BigInt(id) <= MAX_ID, "must fit 64 bits");

export const UserId = snowflake.brand<"UserId">().meta({ examples: ["7397154205618176"] });
export type UserId = z.infer<typeof UserId>;

export const GroupId = snowflake.brand<"GroupId">().meta({ examples: ["7397154218201088"] });
export type GroupId = z.infer<typeof GroupId>;

export const MessageId = snowflake.brand<"MessageId">().meta({ examples: ["7397154243366912"] });
export type MessageId = z.infer<typeof MessageId>;

export const FriendRequestId = snowflake.brand<"FriendRequestId">().meta({ examples: ["7397154230784000"] });
export type FriendRequestId = z.infer<typeof FriendRequestId>;

export const InviteId = snowflake.brand<"InviteId">().meta({ examples: ["7397154264338432"] });
export type InviteId = z.infer<typeof InviteId>;

export const SessionId = z
  .string()
  .min(1)
  .max(64)
  .brand<"SessionId">()
  .meta({ examples: ["Zr0Yw2H1u8q3Kc5n"] });
export type SessionId = z.infer<typeof SessionId>;

/**
 * The UUID that a client gives an operation: the same sender and client id always mean the same operation. It is stored
 * unchanged: a client that writes capitals gets capitals back.
 */
export const ClientId = z
  .guid()
  .brand<"ClientId">()
  .meta({ examples: ["5f0c2f0e-7d0b-4c39-9a58-7b6ad0d2c1e4"] });
export type ClientId = z.infer<typeof ClientId>;

/** The largest seq or rev that the store can hold. */
export const MAX_COUNT = 2_147_483_647;

const counter = z.int().min(0).max(MAX_COUNT);

/** The place of a message in its conversation: from 1, without gaps. */
export const Seq = counter.brand<"Seq">().meta({ examples: [41] });
export type Seq = z.infer<typeof Seq>;

/** The count of changes of a conversation: each new or changed message takes the next. */
export const Rev = counter.brand<"Rev">().meta({ examples: [43] });
export type Rev = z.infer<typeof Rev>;

/** RFC 3339, UTC, milliseconds. */
export const Timestamp = z.iso.datetime({ precision: 3 }).meta({ examples: ["2026-11-25T09:41:00.000Z"] });
