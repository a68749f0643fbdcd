import fc from "fast-check";
import { deviceCommands } from "./device-commands.ts";
import { groupCommands, makeGroup } from "./group-commands.ts";
import { messageCommands } from "./message-commands.ts";
import { becomeFriends, peopleCommands } from "./people-commands.ts";
import { readingCommands } from "./reading-commands.ts";
import { once } from "./step.ts";

/** Everything that people do, in any order: this many commands at most. */
export function anyCommands(most: number) {
  const any = fc.oneof(
    ...peopleCommands,
    ...groupCommands,
    ...messageCommands,
    ...readingCommands,
    ...deviceCommands,
  );
  return fc.array(any, { minLength: Math.ceil(most * 0.6), maxLength: most, size: "max" });
}

/** Some friends with a group, so that there is something to do from the start. */
export const BEGINNING = [
  once("befriend", { who: 0, whom: 0 }, becomeFriends),
  once("befriend", { who: 0, whom: 1 }, becomeFriends),
  once("befriend", { who: 1, whom: 1 }, becomeFriends),
  once("create", { who: 0, friends: 0b11, name: "Swimmers", joinPolicy: "open" }, makeGroup),
];
