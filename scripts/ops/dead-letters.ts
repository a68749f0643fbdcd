import {
  DeadLetter,
  DeadLetterId,
  DeadLetterOutcomes,
  MAX_LETTERS,
  type RecordSummary,
} from "../../schema/wire/operator.ts";
import { BAD_SETTING, Complaint } from "../system/complaint.ts";
import type { OperatorClient } from "./client.ts";
import { type Command, misused, type Result } from "./command.ts";
import { allPages } from "./pages.ts";
import { textTable } from "./text-table.ts";

const USAGE = "dead-letters [replay|drop ID…|all]";

/** Shows dead letters, puts them back or removes them. */
export const deadLetters: Command = {
  usage: USAGE,
  meaning: "records that could not be applied; put them back into their topics, or remove them",
  async run(client, [deed, ...args]) {
    if (deed === undefined) return await list(client);
    if (deed !== "replay" && deed !== "drop") throw misused(USAGE);
    if (args.length === 0) throw misused(`dead-letters ${deed} ID…|all`);
    const ids = args.length === 1 && args[0] === "all" ? await idsOfAll(client) : args.map(parseId);
    const data: DeadLetterOutcomes["results"] = [];
    for (let start = 0; start < ids.length; start += MAX_LETTERS) {
      const body = { ids: ids.slice(start, start + MAX_LETTERS) };
      data.push(...(await client.do("POST", `/dead-letters/${deed}`, body, DeadLetterOutcomes)).results);
    }
    return {
      text: textTable(
        ["DEAD LETTER", ""],
        data.map(({ id, outcome }) => [id, outcome]),
      ),
      data,
    };
  },
};

async function list(client: OperatorClient): Promise<Result> {
  const data = await allPages(client, "/dead-letters", DeadLetter);
  const rows = data.map(({ id, createdAt, reason, record, replayAt }) => [
    ...[id, createdAt, recordText(record), reason],
    replayAt === null ? "" : `on its way since ${replayAt}`,
  ]);
  return { text: textTable(["DEAD LETTER", "SINCE", "RECORD", "REASON", ""], rows), data };
}

async function idsOfAll(client: OperatorClient): Promise<DeadLetterId[]> {
  const letters = await allPages(client, "/dead-letters", DeadLetter);
  // Those of one topic in the order in which they were.
  return letters.toReversed().map(({ id }) => id);
}

function recordText(record: RecordSummary): string {
  if (record === null) return "unreadable";
  if (record.kind === "fact") return `fact ${record.fact}`;
  return `${record.op} by ${record.senderId} into ${record.conversation}`;
}

function parseId(text: string): DeadLetterId {
  const id = DeadLetterId.safeParse(text);
  if (id.success) return id.data;
  throw new Complaint(`${text} is no dead letter: they are like group.7397154218201088@41`, BAD_SETTING);
}
