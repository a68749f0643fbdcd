import { RpcTarget } from "cloudflare:workers";
import type { OperatorsRpc } from "../../lib/rpc/logic.ts";
import type { DeadLetterId, DeadLetterOutcome } from "../../schema/wire/operator.ts";
import type { Logic } from "./context.ts";
import { dropLetters, replayLetters } from "./dead-letters.ts";

/** What operators do. Each change is in `operator_actions`, in its own transaction. */
export class Operators extends RpcTarget implements OperatorsRpc {
  readonly #logic: Logic;

  constructor(logic: Logic) {
    super();
    this.#logic = logic;
  }

  replay(operator: string, ids: DeadLetterId[]): Promise<DeadLetterOutcome[]> {
    return replayLetters(this.#logic, operator, ids);
  }

  drop(operator: string, ids: DeadLetterId[]): Promise<DeadLetterOutcome[]> {
    return dropLetters(this.#logic, operator, ids);
  }
}
