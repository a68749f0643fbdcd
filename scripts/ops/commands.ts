import type { Command } from "./command.ts";
import { deadLetters } from "./dead-letters.ts";
import { LOOKING } from "./looking.ts";

/** The commands by name. */
export const COMMANDS: Readonly<Record<string, Command>> = { ...LOOKING, "dead-letters": deadLetters };

/** What `npm run ops -- --help` prints. */
export const HELP = `npm run ops -- COMMAND [--json]

${Object.values(COMMANDS)
  .map(({ usage, meaning }) => `  ${usage.padEnd(44)} ${meaning}`)
  .join("\n")}

OPS_URL is the address of the system (http://localhost:8787), OPS_TOKEN the token of an operator.`;
