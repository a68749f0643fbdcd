import { expect, test } from "vitest";
import { cityHash32 } from "./city-hash.ts";
import vectors from "./city-hash.vectors.tsv?raw";

test("CityHash32 equals Google's on every vector", () => {
  const rows = vectors.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const got = rows.map((row) => {
    const [key = ""] = row.split("\t");
    return `${key}\t${cityHash32(key)}`;
  });
  expect(rows.length).toBeGreaterThan(100);
  expect(got).toEqual(rows);
});
