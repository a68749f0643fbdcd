import type { LoggedRecord } from "../../lib/message-log.ts";
import type { Snowflake } from "../../lib/snowflake.ts";
import type { MessageRecord } from "../../schema/internal/log-record.ts";
import { MessageId } from "../../schema/wire/ids.ts";

/** A message with the id it gets unless it is already stored under another. */
export type StampedMessage = MessageRecord & { id: MessageId };

/** Stamps the messages among some records, in their order: ids grow within each topic. */
export function stamp(records: LoggedRecord[], snowflake: Snowflake): StampedMessage[] {
  return records.flatMap(({ record }) =>
    record?.kind === "message" ? [{ ...record, id: nextId(snowflake) }] : [],
  );
}

/** Stamps again messages whose ids turned out to be too low: another drain has stored later ones meanwhile. */
export function stampAgain(messages: StampedMessage[], snowflake: Snowflake): StampedMessage[] {
  return messages.map((message) => ({ ...message, id: nextId(snowflake) }));
}

function nextId(snowflake: Snowflake): MessageId {
  return MessageId.parse(snowflake.next().toString());
}
