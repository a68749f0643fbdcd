import { expect, it } from "vitest";
import type { Commands } from "./command.ts";
import { hashCommands } from "./hashes.ts";
import { keyCommands } from "./keys.ts";
import { listCommands } from "./lists.ts";
import { isReading } from "./reading.ts";
import { scriptCommands } from "./scripting.ts";
import { serverCommands } from "./server.ts";
import { setCommands } from "./sets.ts";
import { sortedSetAlgebraCommands } from "./sorted-set-algebra.ts";
import { sortedSetRangeCommands } from "./sorted-set-ranges.ts";
import { sortedSetCommands } from "./sorted-sets.ts";
import { stringCommands } from "./strings.ts";

const EMBEDDED: Commands = {
  ...{ ...stringCommands, ...keyCommands, ...hashCommands, ...listCommands, ...setCommands },
  ...{ ...sortedSetCommands, ...sortedSetRangeCommands, ...sortedSetAlgebraCommands, ...serverCommands },
  ...scriptCommands(() => "unknown"),
};

/** Changes which scripts are known. */
const NEITHER = "SCRIPT";

it.each(Object.entries(EMBEDDED).filter(([name]) => name !== NEITHER))(
  "whether %s only reads is as in the embedded Redis",
  (name, { writes }) => {
    expect(isReading(name)).toBe(!writes);
  },
);

it.each([NEITHER, "FLUSHALL", "CONFIG", "SORT", "BITFIELD", "GETEX", "GETDEL", "XREAD", "get", ""])(
  "%s does not count as reading",
  (name) => {
    expect(isReading(name)).toBe(false);
  },
);
