import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { defineConfig } from "vitest/config";
import { kafkaClassPath } from "./testing/real/kafka-jars.ts";

/** The tests of each real server: left out, with a line, where it is not installed. CI always has it. */
const SERVERS = [
  {
    name: "Kafka",
    installed: kafkaClassPath() !== undefined && isOnPath("java"),
    how: "`npm run real:kafka` gets it; it needs Java 17 and Maven",
    include: [
      ...["kafka/protocol.test.ts", "kafka/**/*.real.test.ts", "*.real.test.ts"],
      ...["readme-examples.test.ts", "access/access.test.ts", "metrics/metrics.test.ts"],
    ],
    globalSetup: ["testing/real/kafka-setup.ts"],
  },
  {
    name: "Redis",
    installed: isOnPath("redis-server"),
    how: "Debian has it in the package redis-server",
    include: ["redis/**/*.real.test.ts"],
    globalSetup: [],
  },
  {
    // One is among the packages. The tests on Debian's are skipped where that is not installed.
    name: "Postgres",
    installed: true,
    how: "",
    include: ["postgres/**/*.real.test.ts"],
    globalSetup: [],
  },
];

const installed = SERVERS.filter((server) => server.installed || process.env.CI !== undefined);
if (process.argv.includes("real"))
  for (const { name, how } of SERVERS.filter((server) => !installed.includes(server)))
    console.log(`The tests on a real ${name} are left out: it is not installed. ${how}.`);

export default defineConfig({
  test: {
    name: "real",
    environment: "node",
    include: installed.flatMap(({ include }) => include),
    globalSetup: installed.flatMap(({ globalSetup }) => globalSetup),
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
}
