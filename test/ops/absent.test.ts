import { expect, it } from "vitest";
import { expectProblem } from "../api/problem.ts";
import { request } from "../harness/client.ts";
import { useSharedSystem } from "../harness/use-system.ts";
import { OPERATOR_TOKEN } from "./operator.ts";
import { runOps } from "./run-ops.ts";

const system = useSharedSystem();

it("without operators, the operators' API is not there", async () => {
  for (const path of ["/ops", "/ops/status", "/ops/nothing"]) {
    expectProblem(await request(system().url, "GET", path, { token: OPERATOR_TOKEN }), "not_found");
    expectProblem(
      await request(system().url, "POST", path, { token: OPERATOR_TOKEN, body: {} }),
      "not_found",
    );
  }
  expect((await runOps(system().url, ["status"])).output).toContain("OPS_TOKENS is not set");
});
