-- The order of locks is that of the collation "C", which only sorts: an id that has this collation is not found by the indexes.
CREATE OR REPLACE FUNCTION lock_members(conversations text[], user_ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  next record;
BEGIN
  FOR next IN
    SELECT pair.conversation, pair.user_id FROM unnest(conversations, user_ids) AS pair (conversation, user_id)
     GROUP BY pair.conversation, pair.user_id ORDER BY pair.conversation COLLATE "C", pair.user_id
  LOOP
    PERFORM 1 FROM members
      WHERE members.conversation = next.conversation AND members.user_id = next.user_id FOR NO KEY UPDATE;
  END LOOP;
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION lock_conversations(ids text[], lowest bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  next record;
  newest bigint;
  highest bigint;
BEGIN
  FOR next IN
    SELECT asked.id, min(asked.lowest) AS lowest FROM unnest(ids, lowest) AS asked (id, lowest)
     GROUP BY asked.id ORDER BY asked.id COLLATE "C"
  LOOP
    SELECT last_message_id INTO newest FROM conversations WHERE conversations.id = next.id FOR NO KEY UPDATE;
    IF newest >= next.lowest THEN highest := greatest(highest, newest); END IF;
  END LOOP;
  IF highest IS NOT NULL THEN
    RAISE EXCEPTION 'ids are not above the newest of their conversations' USING ERRCODE = 'IM001', DETAIL = highest;
  END IF;
END $$;
