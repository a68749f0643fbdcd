import { type Commands, reads, Status } from "./command.ts";

/** Commands about the server itself. */
export const serverCommands: Commands = {
  PING: reads([0, 1], (_, [message]) => message ?? new Status("PONG")),
  ECHO: reads(1, (_, [message]) => message),
  TIME: reads(0, ({ now }) => [String(Math.floor(now / 1000)), String((now % 1000) * 1000)]),
};
