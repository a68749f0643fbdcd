import { AuditEntry, LockList, OperatorStatus, SocketList, TopicLag } from "../../schema/wire/operator.ts";
import type { Command } from "./command.ts";
import { allPages } from "./pages.ts";
import { statusText } from "./status-text.ts";
import { textTable } from "./text-table.ts";

/** The commands that change nothing. */
export const LOOKING: Readonly<Record<string, Command>> = {
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
  audit: {
    usage: "audit",
    meaning: "what operators have done, the newest first",
    async run(client) {
      const data = await allPages(client, "/audit", AuditEntry);
      const rows = data.map(({ at, operator, action, target, detail }) => [
        ...[at, operator, action, target],
        Object.entries(detail)
          .map(([name, value]) => `${name}: ${value}`)
          .join(", "),
      ]);
      return { text: textTable(["AT", "OPERATOR", "ACTION", "TARGET", "DETAIL"], rows), data };
    },
  },
};
