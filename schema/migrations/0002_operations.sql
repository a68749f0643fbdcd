CREATE TABLE "applied_operations" (
	"sender_id" bigint NOT NULL,
	"client_id" text NOT NULL,
	"applied_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "applied_operations_sender_id_client_id_pk" PRIMARY KEY("sender_id","client_id")
);
--> statement-breakpoint
CREATE TABLE "dead_letters" (
	"topic" text NOT NULL,
	"offset" bigint NOT NULL,
	"record" text NOT NULL,
	"reason" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "dead_letters_topic_offset_pk" PRIMARY KEY("topic","offset")
);
--> statement-breakpoint
CREATE TABLE "pending_facts" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"topic" text NOT NULL,
	"fact" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "edited_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "pending_facts_topic" ON "pending_facts" USING btree ("topic");--> statement-breakpoint
CREATE INDEX "members_staff" ON "members" USING btree ("conversation") WHERE "members"."role" <> 'member';--> statement-breakpoint

-- One order of row locks everywhere, so that no two transactions can deadlock:
-- users by id, then conversations by id, then members by conversation and user.
CREATE FUNCTION lock_users(ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  next bigint;
BEGIN
  FOR next IN SELECT DISTINCT id FROM unnest(ids) AS id ORDER BY id LOOP
    PERFORM 1 FROM users WHERE users.id = next FOR NO KEY UPDATE;
  END LOOP;
END $$;
--> statement-breakpoint
CREATE FUNCTION lock_members(conversations text[], user_ids bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  next record;
BEGIN
  FOR next IN
    SELECT DISTINCT pair.conversation COLLATE "C" AS conversation, pair.user_id
      FROM unnest(conversations, user_ids) AS pair (conversation, user_id) ORDER BY 1, 2
  LOOP
    PERFORM 1 FROM members
      WHERE members.conversation = next.conversation AND members.user_id = next.user_id FOR NO KEY UPDATE;
  END LOOP;
END $$;
--> statement-breakpoint
-- The fence of ids: fails with IM001 when an id that a conversation is about to get (`lowest`, null for none) is not above
-- its newest; DETAIL is the newest id of all those conversations, above which the caller stamps again.
CREATE FUNCTION lock_conversations(ids text[], lowest bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  next record;
  newest bigint;
  highest bigint;
BEGIN
  FOR next IN
    SELECT asked.id COLLATE "C" AS id, min(asked.lowest) AS lowest
      FROM unnest(ids, lowest) AS asked (id, lowest) GROUP BY 1 ORDER BY 1
  LOOP
    SELECT last_message_id INTO newest FROM conversations WHERE conversations.id = next.id FOR NO KEY UPDATE;
    IF newest >= next.lowest THEN highest := greatest(highest, newest); END IF;
  END LOOP;
  IF highest IS NOT NULL THEN
    RAISE EXCEPTION 'ids are not above the newest of their conversations' USING ERRCODE = 'IM001', DETAIL = highest;
  END IF;
END $$;
--> statement-breakpoint

-- What operations lock before they are applied: their conversations, then their senders' memberships.
CREATE FUNCTION lock_operations(conversations text[], message_ids bigint[], sender_ids bigint[])
  RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM lock_conversations(conversations, message_ids);
  PERFORM lock_members(conversations, sender_ids);
END $$;
--> statement-breakpoint

-- The transactional outbox: whatever changes a membership, a group, a friendship or a session writes its fact here.
CREATE FUNCTION note_memberships() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO pending_facts (topic, fact)
  SELECT 'group.' || substr(conversation, 7),
         jsonb_build_object('kind', 'membership', 'groupId', substr(conversation, 7), 'userId', user_id::text)
    FROM changed WHERE conversation LIKE 'group:%';
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER note_joined AFTER INSERT ON members REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION note_memberships();
--> statement-breakpoint
CREATE TRIGGER note_left AFTER DELETE ON members REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION note_memberships();
--> statement-breakpoint
CREATE FUNCTION note_role() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO pending_facts (topic, fact)
  SELECT 'group.' || substr(NEW.conversation, 7),
         jsonb_build_object('kind', 'group', 'groupId', substr(NEW.conversation, 7))
   WHERE NEW.conversation LIKE 'group:%';
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER note_role AFTER UPDATE OF role ON members
  FOR EACH ROW WHEN (OLD.role IS DISTINCT FROM NEW.role) EXECUTE FUNCTION note_role();
--> statement-breakpoint
CREATE FUNCTION note_group() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO pending_facts (topic, fact)
  VALUES ('group.' || NEW.id, jsonb_build_object('kind', 'group', 'groupId', NEW.id::text));
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER note_group AFTER UPDATE OF name, avatar_url, join_policy, member_count ON groups
  FOR EACH ROW EXECUTE FUNCTION note_group();
--> statement-breakpoint
CREATE FUNCTION note_friendships() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO pending_facts (topic, fact)
  SELECT 'user.' || user_id,
         jsonb_build_object('kind', 'friendship', 'userId', user_id::text, 'friendId', friend_id::text)
    FROM changed;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER note_befriended AFTER INSERT ON friendships REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION note_friendships();
--> statement-breakpoint
CREATE TRIGGER note_unfriended AFTER DELETE ON friendships REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION note_friendships();
--> statement-breakpoint
CREATE FUNCTION note_friend_requests() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO pending_facts (topic, fact)
  SELECT 'user.' || to_id, jsonb_build_object('kind', 'friendRequest', 'requestId', id::text, 'toId', to_id::text)
    FROM changed;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER note_requested AFTER INSERT ON friend_requests REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION note_friend_requests();
--> statement-breakpoint
CREATE FUNCTION note_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO pending_facts (topic, fact)
  VALUES ('user.' || NEW.user_id,
          jsonb_build_object('kind', 'session', 'userId', NEW.user_id::text, 'sessionId', NEW.id));
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER note_ended AFTER UPDATE OF ended_at ON sessions
  FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION note_session();
