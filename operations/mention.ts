/**
 * SQL: those of some mentions (JSON: `"all"`, or user ids) who are members of a conversation, in their order; null when
 * nobody is. Who is not a member is left out when the message is applied, so nothing is looked up at its acceptance.
 */
export function membersNamed(conversation: string, mentions: string): string {
  return `CASE jsonb_typeof(${mentions}) WHEN 'string' THEN ${mentions} WHEN 'array' THEN (
    SELECT jsonb_agg(named.id ORDER BY named.place)
      FROM jsonb_array_elements_text(${mentions}) WITH ORDINALITY AS named (id, place)
     CROSS JOIN LATERAL (
       SELECT 1 FROM members WHERE members.conversation = ${conversation} AND members.user_id = named.id::bigint LIMIT 1
     ) AS found
  ) END`;
}

/** SQL: a set of the ids for the table `mentions`: 0 for `all`. */
function idsNamed(mentions: string): string {
  return `SELECT named.id::bigint AS id FROM jsonb_array_elements_text(
      CASE jsonb_typeof(${mentions}) WHEN 'string' THEN '["0"]' WHEN 'array' THEN ${mentions} ELSE '[]' END
    ) AS named (id)`;
}

/** SQL: a common table expression that notes whom the new messages of another one name. */
export function noteMentions(messages: string): string {
  return `named AS (
    INSERT INTO mentions (conversation, user_id, seq)
    SELECT ${messages}.conversation, named.id, ${messages}.seq
      FROM ${messages} CROSS JOIN LATERAL (${idsNamed(`${messages}.mentions`)}) AS named
    ON CONFLICT DO NOTHING
  )`;
}

/** SQL: common table expressions that note whom changed messages name now, and forget whom they named before. */
export function renewMentions(messages: string): string {
  return `unnamed AS (
    DELETE FROM mentions USING ${messages}
     WHERE mentions.conversation = ${messages}.conversation AND mentions.seq = ${messages}.seq
       AND mentions.user_id NOT IN (${idsNamed(`${messages}.mentions`)})
  ), ${noteMentions(messages)}`;
}
