import { expect, it } from "vitest";
import { isReading } from "./reading.ts";

it.each([
  "SELECT 1",
  "select(1)",
  "\n\t ;; -- COMMIT\n /* ROLLBACK /* nested */ */ Select 1",
  "(SELECT 1) UNION (SELECT 2)",
  "WITH a AS (SELECT 1) TABLE a",
  "values (1)",
  "EXPLAIN ANALYZE SELECT 1",
  "SHOW server_version",
])("%j may be run by who may only read", (sql) => {
  expect(isReading(sql)).toBe(true);
});

it.each([
  "",
  "COMMIT",
  "; end",
  "/* SELECT */ABORT",
  "-- SELECT 1\rROLLBACK",
  "/* SELECT 1",
  "*/ SELECT 1",
  "SET transaction_read_only = off",
  "BEGIN READ WRITE",
  "COPY a TO PROGRAM 'b'",
  "selection",
  "DO $$ BEGIN END $$",
])("%j may not", (sql) => {
  expect(isReading(sql)).toBe(false);
});
