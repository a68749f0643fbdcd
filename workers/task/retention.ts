import { ConversationId } from "../../schema/wire/conversation-id.ts";
import type { Task } from "./context.ts";

/** How many conversations one round looks at, and how many messages it removes from each at most. */
const CONVERSATIONS = 50;
const MESSAGES = 200;
/** How long one run begins further rounds (milliseconds): the next run goes on. */
const RUNNING_MS = 20_000;

/** What the removal needs of task. */
type RetentionTask = Pick<Task, "database" | "retention" | "log">;

const DUE = `
  (SELECT id FROM conversations
    WHERE retention_days IS NOT NULL
      AND (oldest_at AT TIME ZONE 'UTC') + make_interval(days => retention_days) < now() AT TIME ZONE 'UTC'
    ORDER BY (oldest_at AT TIME ZONE 'UTC') + make_interval(days => retention_days) LIMIT ${CONVERSATIONS})
  UNION ALL
  (SELECT id FROM conversations
    WHERE retention_days IS NULL AND oldest_at < now() - make_interval(days => $1::int)
    ORDER BY oldest_at LIMIT ${CONVERSATIONS})
  LIMIT ${CONVERSATIONS}`;

/**
 * Removes the oldest messages of some conversations, whose rows are locked, up to the first that is young enough, so that
 * those that are left have no gap. What belongs to a message goes with it, by foreign keys and triggers. Its client id stays,
 * so that it is not stored again, and so does its place in the replies to it. A conversation is due no more, or its next oldest message is.
 * What is removed is named by arrays, which a planner always looks up by index: for a join it may read the whole table.
 */
const REMOVE = `
  WITH asked AS (
    SELECT conversations.id, first_seq, now() - make_interval(days => coalesce(retention_days, $2::int)) AS latest
      FROM unnest($1::text[]) AS asked (id) CROSS JOIN LATERAL (
        SELECT * FROM conversations WHERE conversations.id = asked.id LIMIT 1
      ) AS conversations
  ), oldest AS (
    SELECT found.*, row_number() OVER rising AS place, bool_and(found.sent_at < asked.latest) OVER rising AS is_old
      FROM asked CROSS JOIN LATERAL (
        SELECT id, conversation, seq, sender_id, client_id, notices, sent_at FROM messages
         WHERE messages.conversation = asked.id AND messages.seq >= asked.first_seq
         ORDER BY messages.seq LIMIT ${MESSAGES} + 1
      ) AS found
    WINDOW rising AS (PARTITION BY found.conversation ORDER BY found.seq)
  ), gone AS (
    SELECT * FROM oldest WHERE is_old AND place <= ${MESSAGES}
  ), remembered AS (
    INSERT INTO applied_operations (sender_id, client_id) SELECT sender_id, client_id FROM gone ORDER BY 1, 2
    ON CONFLICT DO NOTHING
  ), answered AS (
    UPDATE messages SET reply_left = jsonb_build_object('replyTo', jsonb_build_object(
             'id', gone.id::text, 'seq', gone.seq, 'senderId', gone.sender_id::text, 'excerpt', NULL))
      FROM gone WHERE messages.reply_to = ANY (ARRAY(SELECT id FROM gone)) AND messages.reply_to = gone.id
       AND NOT EXISTS (SELECT 1 FROM gone AS too WHERE too.id = messages.id)
  ), deleted AS (
    DELETE FROM messages WHERE messages.id = ANY (ARRAY(SELECT id FROM gone))
  ), begun AS (
    UPDATE conversations
       SET first_seq = coalesce(last.seq + 1, asked.first_seq),
           removed_notices = coalesce(last.notices, conversations.removed_notices),
           oldest_at = (
             SELECT sent_at FROM oldest
              WHERE oldest.conversation = asked.id AND NOT (is_old AND place <= ${MESSAGES}) ORDER BY seq LIMIT 1
           )
      FROM asked LEFT JOIN LATERAL (
        SELECT seq, notices FROM gone WHERE gone.conversation = asked.id ORDER BY seq DESC LIMIT 1
      ) AS last ON true
     WHERE conversations.id = asked.id
  )
  SELECT count(*)::int AS count FROM gone`;

/**
 * Removes messages that are older than their group's retention or, elsewhere, than the system's: round by round, each two
 * round trips for any number of conversations, until none is due or the time is up. What fails is left to the next run.
 */
export async function removeOldMessages(task: RetentionTask): Promise<void> {
  try {
    await removeWhatIsDue(task);
  } catch (fault) {
    task.log.error("removing old messages failed", fault);
  }
}

async function removeWhatIsDue(task: RetentionTask): Promise<void> {
  const sql = task.database.$client;
  const days = task.retention.RETENTION_DAYS || null;
  const until = Date.now() + RUNNING_MS;
  let removed = 0;
  while (Date.now() < until) {
    const due = await sql.query(DUE, [days]);
    const conversations = due.map(({ id }) => ConversationId.parse(id));
    if (conversations.length === 0) break;
    const [, [row] = []] = await sql.transaction([
      sql.query("SELECT lock_conversations($1::text[], NULL)", [conversations]),
      sql.query(REMOVE, [conversations, days]),
    ]);
    removed += Number(row?.count ?? 0);
  }
  if (removed > 0) task.log.info("old messages are removed", { count: removed });
}
