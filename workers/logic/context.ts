import { type Clients, clientsOf } from "../../lib/clients.ts";
import { environment } from "../../lib/environment.ts";
import { OperationLimits } from "../../lib/operation-limits.ts";
import type { TaskRpc } from "../../lib/rpc/task.ts";
import { SnowflakeLease } from "../../lib/snowflake-lease.ts";
import type { DrainMessage } from "../../schema/internal/drain-message.ts";

/** What wrangler binds to the logic Worker. */
export interface LogicEnv {
  TASK: TaskRpc;
  DRAIN_QUEUE: Queue<DrainMessage>;
}

/** What every step of logic works with. */
export type Logic = Clients & {
  limits: OperationLimits;
  snowflakes: SnowflakeLease;
  task: TaskRpc;
  drainQueue: Pick<Queue<DrainMessage>, "send">;
  /** Lets work go on after the call has returned. */
  inBackground: (work: Promise<unknown>) => void;
};

const clients = clientsOf("logic");
const limits = environment(OperationLimits);
const snowflakes = new SnowflakeLease();

/** What one call works with. */
export function openLogic(env: LogicEnv, context: ExecutionContext): Logic {
  return {
    ...clients(env),
    limits: limits(env),
    snowflakes,
    task: env.TASK,
    drainQueue: env.DRAIN_QUEUE,
    inBackground: (work) => context.waitUntil(work),
  };
}
