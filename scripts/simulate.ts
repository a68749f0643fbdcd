/** `npm run simulate`: the load of buckets and stores, and what a month costs, for a thousand to ten million people. */
import { MIXES } from "./cost/mixes.ts";
import { describeMix, tablesOf } from "./cost/simulation-tables.ts";

const PEOPLE = [1_000, 10_000, 100_000, 1_000_000, 10_000_000];

for (const mix of MIXES) console.log(`${describeMix(mix)}\n\n${tablesOf(mix, PEOPLE).join("\n\n")}\n`);
