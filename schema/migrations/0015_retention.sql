ALTER TABLE "conversations" ADD COLUMN "first_seq" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "conversations" ADD COLUMN "removed_notices" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "conversations" ADD COLUMN "oldest_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "conversations" ADD COLUMN "retention_days" integer;--> statement-breakpoint
ALTER TABLE "groups" ADD COLUMN "retention_days" integer;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "reply_left" jsonb;--> statement-breakpoint
CREATE INDEX "conversations_oldest" ON "conversations" USING btree ("oldest_at") WHERE "conversations"."retention_days" IS NULL;--> statement-breakpoint
CREATE INDEX "conversations_due" ON "conversations" USING btree ((("oldest_at" AT TIME ZONE 'UTC') + make_interval(days => "retention_days"))) WHERE "conversations"."retention_days" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "messages_replies" ON "messages" USING btree ("reply_to") WHERE "messages"."reply_to" IS NOT NULL;--> statement-breakpoint
UPDATE conversations SET oldest_at = (
  SELECT messages.sent_at FROM messages WHERE messages.conversation = conversations.id ORDER BY messages.seq LIMIT 1
);
--> statement-breakpoint
-- The first message of a conversation, or the first after all others were removed: a message is accepted before now, so
-- this finds it no earlier than it is due.
CREATE FUNCTION note_oldest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.oldest_at := now();
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER note_oldest BEFORE UPDATE OF last_seq ON conversations FOR EACH ROW
  WHEN (OLD.oldest_at IS NULL AND NEW.last_seq >= NEW.first_seq) EXECUTE FUNCTION note_oldest();
--> statement-breakpoint
CREATE FUNCTION copy_retention() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE conversations SET retention_days = NEW.retention_days WHERE id = 'group:' || NEW.id;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER copy_retention AFTER UPDATE OF retention_days ON groups FOR EACH ROW
  WHEN (OLD.retention_days IS DISTINCT FROM NEW.retention_days) EXECUTE FUNCTION copy_retention();
--> statement-breakpoint
DROP TRIGGER note_group ON groups;
--> statement-breakpoint
CREATE TRIGGER note_group AFTER UPDATE OF name, description, avatar_url, join_policy, posting, retention_days, member_count
  ON groups FOR EACH ROW EXECUTE FUNCTION note_group();
