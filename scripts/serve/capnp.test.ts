import { expect, test } from "vitest";
import { capnpText } from "./capnp.ts";

test("structures, lists and unions are written as Cap'n Proto reads them", () => {
  const value = { name: "a", flags: ["x", "y"], size: 7, on: true, storage: { none: null }, left: undefined };
  expect(capnpText(value)).toBe(
    '(name = "a", flags = ["x", "y"], size = 7, on = true, storage = (none = void))',
  );
});

test("text cannot end its quotes", () => {
  expect(capnpText('a"b\\c\nd\u0000é')).toBe('"a\\x22b\\x5cc\\x0ad\\x00é"');
});
