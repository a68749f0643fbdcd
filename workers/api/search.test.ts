import { expect, it } from "vitest";
import { escapeLike } from "./search.ts";

it("takes the meaning from LIKE's wildcards", () => {
  expect(escapeLike("50%_\\x")).toBe("50\\%\\_\\\\x");
  expect(escapeLike("plain")).toBe("plain");
});
