import { z } from "zod";
import { Timestamp, UserId } from "../wire/ids.ts";
import { Operation } from "../wire/operation.ts";
import { Fact } from "./fact.ts";

/**
 * `mark` names the hand-over that wrote the record: the topic stays marked *behind* in Redis under it until a
 * drain has seen the record, so that a mark is never cleared by a drain that ran before its produce.
 */
const mark = z.string().min(1).max(64);

/** An operation that its sender was allowed to make. */
const OperationRecord = z.object({
  kind: z.literal("operation"),
  mark,
  senderId: UserId,
  acceptedAt: Timestamp,
  operation: Operation,
});
export type OperationRecord = z.infer<typeof OperationRecord>;

/** A fact that was committed to Postgres. */
const FactRecord = z.object({ kind: z.literal("fact"), mark, fact: Fact });
export type FactRecord = z.infer<typeof FactRecord>;

/** A record in the log. */
export const LogRecord = z.discriminatedUnion("kind", [OperationRecord, FactRecord]);
export type LogRecord = z.infer<typeof LogRecord>;
