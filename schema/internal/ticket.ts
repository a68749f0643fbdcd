import { z } from "zod";
import { SessionId, UserId } from "../wire/ids.ts";
import { BucketAddress } from "./bucket-address.ts";

/** How long a ticket is good for, in milliseconds. */
export const TICKET_LIFE_MS = 30_000;

/** What a connect ticket stands for: who may open one socket, and where. */
export const Ticket = z.object({ userId: UserId, sessionId: SessionId, address: BucketAddress });
export type Ticket = z.infer<typeof Ticket>;
