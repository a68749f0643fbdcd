import { describe, expect, it } from "vitest";
import { UserId } from "./ids.ts";

describe("an id", () => {
  it.each(["1", "383286977814376448", "9223372036854775807"])("may be %s", (id) => {
    expect(UserId.safeParse(id).success).toBe(true);
  });

  it.each(["", "0", "01", "-1", "1.5", "abc", "9223372036854775808", "99999999999999999999"])(
    "may not be %j",
    (id) => {
      expect(UserId.safeParse(id).success).toBe(false);
    },
  );
});
