import { OpenAPIHono } from "@hono/zod-openapi";
import type { OperatorHono } from "./gate.ts";
import { operatorLocks } from "./locks.ts";
import { operatorSockets } from "./sockets.ts";
import { operatorStatus } from "./status.ts";
import { operatorTopics } from "./topics.ts";

/** What operators may ask and do; `operatorsOnly` is in front of all of it. */
export const operators = new OpenAPIHono<OperatorHono>();

for (const noun of [operatorStatus, operatorTopics, operatorLocks, operatorSockets])
  operators.route("/", noun);
