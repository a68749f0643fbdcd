import type { Load } from "./load.ts";
import { markdownTable, showDollars } from "./markdown-table.ts";
import { dollarsPerMillion, USAGES } from "./message-cost.ts";
import { PRICES, type Price } from "./prices.ts";

/** What a million messages cost: a column a load, a row for each thing that is charged. */
export function costTable(loads: readonly Load[]): string {
  const costs = loads.map((load) => dollarsPerMillion(load).map(({ dollars }) => dollars));
  const totals = costs.map((dollars) => dollars.reduce((sum, one) => sum + one, 0));
  const perDelivery = loads.map(({ deliveries }, index) => (totals[index] ?? 0) / deliveries);
  return markdownTable([
    ["dollars per million messages", ...loads.map(({ name }) => name)],
    ...USAGES.map(({ what }, row) => [what, ...costs.map((dollars) => showDollars(dollars[row] ?? 0))]),
    ["**together**", ...totals.map((total) => `**${showDollars(total)}**`)],
    ["per million deliveries", ...perDelivery.map(showDollars)],
  ]);
}

/** Every price, with its source and the day for which that vouches. */
export function priceTable(): string {
  const prices: [string, Price][] = Object.entries(PRICES);
  return markdownTable([
    ["what", "dollars", "for", "included a month", "source", "doubt"],
    ...prices.map(([item, { dollars, per, unit, included, source, dated, doubt }]) => [
      item.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`),
      String(dollars),
      `${per.toLocaleString("en")} ${unit}`,
      included.toLocaleString("en"),
      `${source} (${dated ?? "no date"})`,
      doubt ?? "",
    ]),
  ]);
}
