import type { z } from "zod";
import { LockList, OperatorStatus, SocketList, TopicLag } from "../../schema/wire/operator.ts";
import { page } from "../../schema/wire/page.ts";
import type { OperatorClient } from "./client.ts";
import { textTable } from "./text-table.ts";

/** What a command has found or done, for people and for programs. */
type Result = { text: string; data: unknown };

type Command = {
  usage: string;
  meaning: string;
  run(client: OperatorClient, args: readonly string[]): Promise<Result>;
};

/** The commands by name. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  status: {
    usage: "status",
    meaning: "layers, leases, and what waits",
    async run(client) {
      const data = await client.get("/status", OperatorStatus);
      return { text: statusText(data), data };
    },
  },
  topics: {
    usage: "topics",
    meaning: "topics that are not drained to their ends, with their locks",
    async run(client) {
      const data = await allPages(client, "/topics", TopicLag);
      const rows = data.map(({ topic, committed, end, lag, behindSince, lock }) => [
        ...[topic, lag, committed, end, behindSince],
        lock === null ? null : `${lock.owner} (${lock.lapsesInMs} ms)`,
      ]);
      return { text: textTable(["TOPIC", "LAG", "COMMITTED", "END", "BEHIND SINCE", "LOCK"], rows), data };
    },
  },
  locks: {
    usage: "locks",
    meaning: "who has locked what",
    async run(client) {
      const data = await client.get("/locks", LockList);
      const rows = [
        ...data.system.map(({ name, owner, lapsesInMs }) => [name, owner, lapsesInMs, null]),
        ...data.topics.map(({ topic, owner, lapsesInMs, wakes }) => [topic, owner, lapsesInMs, wakes]),
      ];
      return { text: textTable(["LOCK", "OWNER", "LAPSES IN MS", "WAKE-UPS"], rows), data };
    },
  },
  sockets: {
    usage: "sockets",
    meaning: "sockets by bucket",
    async run(client) {
      const data = await client.get("/sockets", SocketList);
      const rows = data.buckets.map(({ address, sockets, people, groups, leaseLapsesAt, missed }) => [
        ...[address, sockets, people, groups, leaseLapsesAt],
        missed ? "missed by a recovery" : "",
      ]);
      const table = textTable(["BUCKET", "SOCKETS", "PEOPLE", "GROUPS", "LEASE LAPSES AT", ""], rows);
      return { text: `${table}\n\n${data.sockets} sockets`, data };
    },
  },
};

/** What `npm run ops -- --help` prints. */
export const HELP = `npm run ops -- COMMAND [--json]

${Object.values(COMMANDS)
  .map(({ usage, meaning }) => `  ${usage.padEnd(44)} ${meaning}`)
  .join("\n")}

OPS_URL is the address of the system (http://localhost:8787), OPS_TOKEN the token of an operator.`;

/** How many items one page of a list has. */
const PAGE = 200;
/** How many items are printed at most. */
const MOST = 10_000;

/** All items of a list, page by page. */
async function allPages<Item extends z.ZodType>(
  client: OperatorClient,
  path: string,
  item: Item,
): Promise<z.output<Item>[]> {
  const items: z.output<Item>[] = [];
  let cursor: string | null = null;
  do {
    const query = new URLSearchParams({ limit: String(PAGE), ...(cursor !== null && { cursor }) });
    const found: { items: z.output<Item>[]; nextCursor: string | null } = await client.get(
      `${path}?${query}`,
      page(item),
    );
    items.push(...found.items);
    cursor = found.nextCursor;
  } while (cursor !== null && items.length < MOST);
  return items;
}

function statusText({ health, redis, database }: OperatorStatus): string {
  const { ok, ...layers } = health;
  const states = Object.entries(layers).map(([layer, state]) => [layer, state.ok ? "ok" : "NOT WELL"]);
  const waiting = [
    ["Redis", redis === null ? "does not respond" : redisState(redis)],
    ["hand-overs not delivered", redis?.marks],
    ["the oldest of them", redis?.oldestMarkAt],
    ["records of status", redis?.status],
    ["facts not in the log", database?.pendingFacts],
    ["dead letters", database?.deadLetters],
    ["buckets", redis?.buckets],
    ["sockets", redis?.sockets],
  ];
  const workers = (redis?.workers ?? []).map(({ workerId, newestAt, leaseMs }) => [
    ...[workerId, newestAt],
    leaseMs === null ? "lapsed" : `${Math.round(leaseMs / 1000)} s`,
  ]);
  return [
    textTable(["LAYER", ok ? "" : "(the system is not well)"], states),
    textTable(["WHAT", ""], waiting),
    textTable(["SNOWFLAKE WORKER", "NEWEST ID AT", "LEASE"], workers),
  ].join("\n\n");
}

function redisState({ whole, recovering }: NonNullable<OperatorStatus["redis"]>): string {
  if (recovering) return "is being rebuilt";
  return whole ? "complete" : "EMPTY, to be rebuilt";
}
