import { markdownTable, showCount, showDollars } from "./markdown-table.ts";
import type { Mix } from "./mixes.ts";
import { KEPT_MONTHS, monthCost } from "./month-cost.ts";
import { type Simulated, simulate } from "./simulation.ts";

/** A column of a table: its head, and what it shows of a simulated system. */
type Column<Row> = readonly [head: string, show: (row: Row) => string];

const LOAD: readonly Column<Simulated>[] = [
  ["people", ({ people }) => showCount(people)],
  ["messages/s", ({ atPeak }) => showCount(atPeak.messages)],
  ["sockets", ({ atPeak }) => showCount(atPeak.sockets)],
  ["buckets", ({ buckets }) => showCount(buckets)],
  [
    "sockets a bucket: mean / most",
    ({ atPeak }) => `${showCount(atPeak.socketsPerBucket)} / ${showCount(atPeak.socketsOfFullest)}`,
  ],
  [
    "events/s a bucket (online counts)",
    ({ atPeak }) => `${showCount(atPeak.eventsPerBucket)} (${Math.round(atPeak.countsShare * 100)} %)`,
  ],
  ["requests/s a bucket", ({ atPeak }) => showCount(atPeak.requestsPerBucket)],
  ["Redis commands/s", ({ atPeak }) => showCount(atPeak.redisCommands)],
  ["object requests a month", ({ aMonth }) => showCount(aMonth.objectRequests)],
  ["topics", ({ topics }) => showCount(topics)],
];

const COST: readonly Column<ReturnType<typeof monthCost> & { people: number }>[] = [
  ["people", ({ people }) => showCount(people)],
  ["Workers", ({ workers }) => showDollars(workers)],
  ["objects", ({ objects }) => showDollars(objects)],
  [
    "Redis: Upstash / own",
    ({ redisByCommand, ownRedis }) => `${showDollars(redisByCommand)} / ${showDollars(ownRedis)}`,
  ],
  [`Postgres, ${KEPT_MONTHS} months kept`, ({ postgres }) => showDollars(postgres)],
  ["log", ({ log }) => showDollars(log)],
  ["dollars a month", ({ together }) => `**${showDollars(together)}**`],
  ["of a thousand people", ({ together, people }) => showDollars((together / people) * 1_000)],
];

/** A line that says how the people of a mix write. */
export function describeMix({ name, messagesPerDay, inGroups, groupSize, onlineAtPeak }: Mix): string {
  const [least, most] = groupSize.map(showCount);
  const groups = inGroups === 0 ? "" : `, ${inGroups * 100} % into groups of ${least} to ${most}`;
  return `**${name}**: ${messagesPerDay} messages a person and day${groups}; ${onlineAtPeak * 100} % online at the peak`;
}

/** The load in the busiest minute, and what a month costs: a row for each number of people. */
export function tablesOf(mix: Mix, people: readonly number[]): [load: string, cost: string] {
  const systems = people.map((count) => simulate(mix, count));
  const costs = systems.map((system) => ({ people: system.people, ...monthCost(system) }));
  return [tableOf(LOAD, systems), tableOf(COST, costs)];
}

function tableOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  return markdownTable([
    columns.map(([head]) => head),
    ...rows.map((row) => columns.map(([, show]) => show(row))),
  ]);
}
