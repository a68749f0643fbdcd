/** The most mentions that are counted: more are shown as this many. */
const MOST_COUNTED = 1_000;

/**
 * SQL: how many unread messages of a row of `members` name that member, one by one or as all, and are not hidden
 * by them; read from indexes, and never more than the bound.
 */
export const MENTIONED = `(
  SELECT count(*)::int FROM (
    SELECT 1 FROM mentions
     WHERE mentions.conversation = members.conversation AND mentions.user_id IN (0, members.user_id)
       AND mentions.seq > members.read_seq
       AND NOT EXISTS (
         SELECT 1 FROM hidden_messages AS hidden
          WHERE hidden.user_id = members.user_id AND hidden.conversation = mentions.conversation
            AND hidden.seq = mentions.seq
       )
     LIMIT ${MOST_COUNTED}
  ) AS named
)`;
