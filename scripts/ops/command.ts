import { BAD_SETTING, Complaint } from "../system/complaint.ts";
import type { OperatorClient } from "./client.ts";

/** What a command has found or done, for people and for programs. */
export type Result = { text: string; data: unknown };

/** One command of `npm run ops`. */
export type Command = {
  usage: string;
  meaning: string;
  run(client: OperatorClient, args: readonly string[]): Promise<Result>;
};

/** Says how a command is used that was not used so. */
export function misused(usage: string): Complaint {
  return new Complaint(`Use it like this: npm run ops -- ${usage}`, BAD_SETTING);
}
