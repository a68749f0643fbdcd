import { join } from "node:path";
import { execa } from "execa";
import { expect, it } from "vitest";
import { gif, jpeg, mp4, ogg, png, webm, webp } from "../../lib/media.fixture.ts";
import { request } from "../harness/client.ts";
import { installPythonProgram } from "../harness/python-program.ts";
import { useSystem } from "../harness/use-system.ts";

const system = useSystem({ env: { PASSWORD_COST: "1024", GRACE_SECONDS: "1" } });

/**
 * How much to try: about `FUZZ_REQUESTS` requests, which follow from `FUZZ_SEED`, beside the examples of the OpenAPI document
 * and the bounds of its schemas, which are always tried and make about 2,500.
 */
const { FUZZ_REQUESTS = "100", FUZZ_SEED = "1" } = process.env;

const CHECKS = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_schema_conformance",
];
/** How long a request may take (seconds). */
const RESPONSE_SECONDS = 30;

const REQUIREMENTS = join(import.meta.dirname, "requirements.txt");

const NO_PYTHON =
  "Requests are not fuzzed: schemathesis needs Python 3 with venv and pip (python3-venv on Debian)";

it("every request gets a response of the OpenAPI document", { timeout: 3_600_000 }, async ({ skip }) => {
  const program = await installPythonProgram("schemathesis", "schemathesis", REQUIREMENTS);
  // CI installs Python first: there, the test must not be skipped.
  if (program === null && process.env.CI === undefined) skip(NO_PYTHON);
  if (program === null) throw new Error(NO_PYTHON);

  const { url, dataDir } = system();
  const { body } = await request<{ paths: Record<string, object> }>(url, "GET", "/openapi.json");
  const operations = Object.values(body.paths).flatMap((methods) => Object.keys(methods)).length;
  const options = {
    phases: "examples,coverage,fuzzing",
    checks: CHECKS.join(),
    seed: FUZZ_SEED,
    "max-examples": Math.ceil(Number(FUZZ_REQUESTS) / operations),
    "request-timeout": RESPONSE_SECONDS,
    "generation-database": "none",
  };
  const named = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
  const run = ["run", `${url}/api/v1/openapi.json`, ...named, "--continue-on-failure", "--no-color"];
  const result = await execa(program, run, {
    cwd: dataDir,
    env: {
      FUZZ_API: `${url}/api/v1`,
      FUZZ_SAMPLES: JSON.stringify(await samples()),
      SCHEMATHESIS_HOOKS: "hooks",
      PYTHONPATH: import.meta.dirname,
      PYTHONDONTWRITEBYTECODE: "1",
    },
    all: true,
    reject: false,
  });
  expect(result.exitCode, result.all).toBe(0);
  expect(await system().errors()).toEqual([]);
  console.log(`requests with seed ${FUZZ_SEED}: ${/\d+ generated.*/.exec(result.all)?.[0]}`);
});

/** A file of each media type that is uploaded, in base64. */
async function samples(): Promise<Record<string, string>> {
  const files = {
    "image/png": png(),
    "image/jpeg": jpeg(),
    "image/webp": webp(),
    "image/gif": gif(),
    "audio/ogg": await ogg(1),
    "audio/webm": await webm(1),
    "audio/mp4": await mp4(1),
  };
  return Object.fromEntries(
    Object.entries(files).map(([type, bytes]) => [type, Buffer.from(bytes).toString("base64")]),
  );
}
