import type { Client } from "pg";
import { z } from "zod";
import type { Statement } from "../../operations/kind.ts";

/** How Postgres has read a table: by which index, null without one; how often, and how many rows in all. */
export type Access = { table: string; index: string | null; loops: number; rows: number };

type Node = {
  "Node Type": string;
  "Relation Name"?: string | undefined;
  "Index Name"?: string | undefined;
  "Actual Loops": number;
  "Actual Rows": number;
  "Rows Removed by Filter"?: number | undefined;
  Plans?: Node[] | undefined;
};
const Node: z.ZodType<Node> = z.object({
  "Node Type": z.string(),
  "Relation Name": z.string().optional(),
  "Index Name": z.string().optional(),
  "Actual Loops": z.number(),
  "Actual Rows": z.number(),
  "Rows Removed by Filter": z.number().optional(),
  Plans: z.array(z.lazy(() => Node)).optional(),
});
const Explained = z.object({ Plan: Node });

/** Has a session explain all that it executes, also what functions and triggers do. */
export async function explainAll(client: Client): Promise<void> {
  await client.query(`
    LOAD 'auto_explain';
    SET auto_explain.log_min_duration = 0;
    SET auto_explain.log_nested_statements = on;
    SET auto_explain.log_analyze = on;
    SET auto_explain.log_timing = off;
    SET auto_explain.log_format = 'json';
    SET auto_explain.log_level = 'notice';`);
}

/**
 * Executes a statement, without an effect, in a session that explains all; returns how it, and the functions and triggers that
 * it calls, have read tables.
 */
export async function accessesOf(client: Client, { text, values }: Statement): Promise<Access[]> {
  const plans: Node[] = [];
  const collect = ({ message = "" }: { message?: string | undefined }) => {
    const json = /plan:\n(\{[\s\S]*\})$/.exec(message)?.[1];
    if (json !== undefined) plans.push(Explained.parse(JSON.parse(json)).Plan);
  };
  await client.query("BEGIN");
  client.on("notice", collect);
  try {
    await client.query(text, values);
    // A statement is explained when it is closed, which the next one does.
    await client.query("SELECT");
  } finally {
    client.off("notice", collect);
    await client.query("ROLLBACK");
  }
  return plans.flatMap((plan) => accessesIn(plan));
}

/** The index of a bitmap scan is in nodes below the one with the table. */
function accessesIn(node: Node, above?: string): Access[] {
  const { "Node Type": type, "Relation Name": own, "Index Name": index = null, "Actual Loops": loops } = node;
  const below = (node.Plans ?? []).flatMap((plan) => accessesIn(plan, own ?? above));
  const table = type === "Bitmap Index Scan" ? above : own;
  // A scan by places in the table follows one that has found them.
  if (!/(Seq|Index|Index Only|Bitmap Index) Scan$/.test(type) || table === undefined) return below;
  const rows = loops * (node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0));
  return [{ table, index, loops, rows }, ...below];
}
