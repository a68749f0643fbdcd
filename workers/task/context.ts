import { type Clients, clientsOf } from "../../lib/clients.ts";
import { environment } from "../../lib/environment.ts";
import type { ConnectRpc } from "../../lib/rpc/connect.ts";
import type { TaskRpc } from "../../lib/rpc/task.ts";
import { SnowflakeLease } from "../../lib/snowflake-lease.ts";
import type { DrainMessage } from "../../schema/internal/drain-message.ts";
import { RetentionSettings } from "./retention-settings.ts";

/** What wrangler binds to the task Worker. */
export interface TaskEnv {
  CONNECT: ConnectRpc;
  /** Task itself: a long series of drains goes on in an invocation of its own. */
  SELF: TaskRpc;
  DRAIN_QUEUE: Queue<DrainMessage>;
  /** What people have uploaded: the API writes it, task removes what is not used. */
  MEDIA: R2Bucket;
}

/** What every step of task works with. */
export type Task = Clients & {
  snowflakes: SnowflakeLease;
  connect: ConnectRpc;
  self: TaskRpc;
  drainQueue: Pick<Queue<DrainMessage>, "send">;
  media: Pick<R2Bucket, "delete">;
  retention: RetentionSettings;
  /** Lets work go on after the call has returned. */
  inBackground: (work: Promise<unknown>) => void;
};

const clients = clientsOf("task");
const retention = environment(RetentionSettings);
const snowflakes = new SnowflakeLease();

/** What one call works with. */
export function openTask(env: TaskEnv, context: ExecutionContext): Task {
  return {
    ...clients(env),
    snowflakes,
    connect: env.CONNECT,
    self: env.SELF,
    drainQueue: env.DRAIN_QUEUE,
    media: env.MEDIA,
    retention: retention(env),
    inBackground: (work) => context.waitUntil(work),
  };
}
