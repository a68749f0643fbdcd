import { z } from "zod";
import { SessionId, UserId } from "../wire/ids.ts";
import { BucketAddress } from "./bucket-address.ts";

/** How long a ticket is valid, in milliseconds. */
export const TICKET_LIFE_MS = 30_000;

/** The stored content of a connect ticket: the user and session that may open one socket, and the bucket to open it in. */
export const Ticket = z.object({ userId: UserId, sessionId: SessionId, address: BucketAddress });
export type Ticket = z.infer<typeof Ticket>;
