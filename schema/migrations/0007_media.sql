CREATE TABLE "media" (
	"url" text PRIMARY KEY NOT NULL,
	"uploader_id" bigint NOT NULL,
	"content" jsonb,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"kept_until" timestamp (3) with time zone DEFAULT now() + interval '1 day'
);
--> statement-breakpoint
CREATE TABLE "released_media" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"url" text NOT NULL,
	"released_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "media_kept_until" ON "media" USING btree ("kept_until") WHERE "media"."kept_until" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "released_media_url" ON "released_media" USING btree ("url");--> statement-breakpoint
CREATE INDEX "groups_avatar" ON "groups" USING btree ("avatar_url") WHERE "groups"."avatar_url" IS NOT NULL;--> statement-breakpoint
CREATE INDEX "messages_media" ON "messages" USING btree ((content->>'url')) WHERE (content->>'url') IS NOT NULL;--> statement-breakpoint
CREATE INDEX "users_avatar" ON "users" USING btree ("avatar_url") WHERE "users"."avatar_url" IS NOT NULL;--> statement-breakpoint

-- Whether a message, a person or a group names something uploaded. Each look-up is by an index.
CREATE FUNCTION media_is_used(asked text) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT 1 FROM messages WHERE content->>'url' = asked)
      OR EXISTS (SELECT 1 FROM users WHERE avatar_url = asked)
      OR EXISTS (SELECT 1 FROM groups WHERE avatar_url = asked)
$$;
--> statement-breakpoint
-- Whatever takes a reference away (a recall, a deletion, another avatar) leaves word here, in its transaction.
CREATE FUNCTION release_content() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO released_media (url) VALUES (OLD.content->>'url');
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER release_changed AFTER UPDATE OF content ON messages FOR EACH ROW
  WHEN (OLD.content->>'url' IS NOT NULL AND NEW.content->>'url' IS DISTINCT FROM OLD.content->>'url')
  EXECUTE FUNCTION release_content();
--> statement-breakpoint
CREATE TRIGGER release_deleted AFTER DELETE ON messages FOR EACH ROW
  WHEN (OLD.content->>'url' IS NOT NULL) EXECUTE FUNCTION release_content();
--> statement-breakpoint
CREATE FUNCTION release_avatar() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO released_media (url) VALUES (OLD.avatar_url);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER release_changed AFTER UPDATE OF avatar_url ON users FOR EACH ROW
  WHEN (OLD.avatar_url IS NOT NULL AND NEW.avatar_url IS DISTINCT FROM OLD.avatar_url)
  EXECUTE FUNCTION release_avatar();
--> statement-breakpoint
CREATE TRIGGER release_deleted AFTER DELETE ON users FOR EACH ROW
  WHEN (OLD.avatar_url IS NOT NULL) EXECUTE FUNCTION release_avatar();
--> statement-breakpoint
CREATE TRIGGER release_changed AFTER UPDATE OF avatar_url ON groups FOR EACH ROW
  WHEN (OLD.avatar_url IS NOT NULL AND NEW.avatar_url IS DISTINCT FROM OLD.avatar_url)
  EXECUTE FUNCTION release_avatar();
--> statement-breakpoint
CREATE TRIGGER release_deleted AFTER DELETE ON groups FOR EACH ROW
  WHEN (OLD.avatar_url IS NOT NULL) EXECUTE FUNCTION release_avatar();
