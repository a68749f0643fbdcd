CREATE TABLE "reactions" (
	"message_id" bigint NOT NULL,
	"emoji" text NOT NULL,
	"user_id" bigint NOT NULL,
	"reacted_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "reactions_message_id_emoji_user_id_pk" PRIMARY KEY("message_id","emoji","user_id")
);
--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "reactions" jsonb;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "pinned_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "reactions_first" ON "reactions" USING btree ("message_id","emoji","reacted_at","user_id");--> statement-breakpoint
CREATE INDEX "messages_pinned" ON "messages" USING btree ("conversation","pinned_at","id") WHERE "messages"."pinned_at" IS NOT NULL;--> statement-breakpoint

-- Applies reactions one by one, in the order given, and returns the messages that they name, each once, as they are then.
-- However many reactions a message gets here, it takes one rev. An operation that was applied before, that changes
-- nothing, or whose message has been recalled or has `most` different emoji already, has no effect.
-- `messages.reactions` has the count of each emoji and its first `shown` people, read by index from the table `reactions`.
CREATE FUNCTION apply_reactions(
  conversation_ids text[], message_ids bigint[], sender_ids bigint[], client_ids text[], emojis text[], ons boolean[],
  moments timestamptz[], most int, shown int
) RETURNS SETOF messages LANGUAGE plpgsql AS $$
DECLARE
  asked record;
  held jsonb;
  known jsonb;
  reaction jsonb;
  found_at int;
  changed bigint[] := '{}';
  next_id bigint;
  next_rev int;
BEGIN
  FOR asked IN
    SELECT * FROM unnest(conversation_ids, message_ids, sender_ids, client_ids, emojis, ons, moments)
      WITH ORDINALITY AS one (conversation, message_id, sender_id, client_id, emoji, is_on, moment, place) ORDER BY place
  LOOP
    INSERT INTO applied_operations (sender_id, client_id) VALUES (asked.sender_id, asked.client_id)
    ON CONFLICT DO NOTHING;
    CONTINUE WHEN NOT FOUND;
    SELECT coalesce(reactions, '[]') INTO held FROM messages
     WHERE id = asked.message_id AND conversation = asked.conversation AND content->>'type' <> 'notice';
    CONTINUE WHEN NOT FOUND;
    known := NULL;
    SELECT value, ordinality - 1 INTO known, found_at FROM jsonb_array_elements(held) WITH ORDINALITY
     WHERE value->>'emoji' = asked.emoji;
    IF asked.is_on THEN
      CONTINUE WHEN known IS NULL AND jsonb_array_length(held) >= most;
      INSERT INTO reactions (message_id, emoji, user_id, reacted_at)
      VALUES (asked.message_id, asked.emoji, asked.sender_id, asked.moment) ON CONFLICT DO NOTHING;
    ELSE
      DELETE FROM reactions
       WHERE message_id = asked.message_id AND emoji = asked.emoji AND user_id = asked.sender_id;
    END IF;
    CONTINUE WHEN NOT FOUND;
    SELECT jsonb_build_object(
      'emoji', asked.emoji,
      'count', coalesce((known->>'count')::int, 0) + CASE WHEN asked.is_on THEN 1 ELSE -1 END,
      'userIds', jsonb_agg(user_id::text ORDER BY reacted_at, user_id)
    ) INTO reaction FROM (
      SELECT user_id, reacted_at FROM reactions
       WHERE message_id = asked.message_id AND emoji = asked.emoji ORDER BY reacted_at, user_id LIMIT shown
    ) AS first;
    IF known IS NULL THEN held := held || reaction;
    ELSIF (reaction->>'count')::int > 0 THEN held := jsonb_set(held, ARRAY[found_at::text], reaction);
    ELSE held := held - found_at;
    END IF;
    UPDATE messages SET reactions = nullif(held, '[]') WHERE id = asked.message_id;
    IF NOT asked.message_id = ANY (changed) THEN changed := changed || asked.message_id; END IF;
  END LOOP;
  FOREACH next_id IN ARRAY changed LOOP
    UPDATE conversations SET rev = conversations.rev + 1
     WHERE conversations.id = (SELECT conversation FROM messages WHERE messages.id = next_id)
    RETURNING conversations.rev INTO next_rev;
    UPDATE messages SET rev = next_rev WHERE id = next_id;
  END LOOP;
  RETURN QUERY
    SELECT found.* FROM (
      SELECT DISTINCT one.conversation, one.message_id
        FROM unnest(conversation_ids, message_ids) AS one (conversation, message_id)
    ) AS one CROSS JOIN LATERAL (
      SELECT * FROM messages WHERE messages.id = one.message_id AND messages.conversation = one.conversation LIMIT 1
    ) AS found;
END $$;
