import type { Fact } from "../schema/internal/fact.ts";
import type { Operation, Signal } from "../schema/wire/operation.ts";
import { conversation } from "./conversation.ts";
import { edit } from "./edit.ts";
import { friendRequest } from "./friend-request.ts";
import { friendship } from "./friendship.ts";
import { group } from "./group.ts";
import { hidden } from "./hidden.ts";
import type { FactKind, FrameOf, OperationKind, SignalKind } from "./kind.ts";
import { membership } from "./membership.ts";
import { notice } from "./notice.ts";
import { pin } from "./pin.ts";
import { react } from "./react.ts";
import { read } from "./read.ts";
import { recall } from "./recall.ts";
import { send } from "./send.ts";
import { session } from "./session.ts";
import { standing } from "./standing.ts";
import { typing } from "./typing.ts";

type OperationOf<Op extends Operation["op"]> = Extract<Operation, { op: Op }>;
type FactOf<Kind extends Fact["kind"]> = Extract<Fact, { kind: Kind }>;

/** Every kind of operation, fact and signal: a member of a union that is not here does not compile. */
export const OPERATIONS: { [Op in Operation["op"]]: OperationKind<OperationOf<Op>> } = {
  send,
  edit,
  recall,
  react,
  pin,
};
export const FACTS: { [Kind in Fact["kind"]]: FactKind<FactOf<Kind>> } = {
  membership,
  group,
  standing,
  friendship,
  friendRequest,
  session,
  notice,
  conversation,
  hidden,
};
export const SIGNALS: { [Op in Signal["op"]]: SignalKind<FrameOf<Op>> } = { read, typing };
