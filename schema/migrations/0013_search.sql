CREATE TABLE "message_tokens" (
	"message_id" bigint PRIMARY KEY NOT NULL,
	"conversation" text NOT NULL,
	"rev" integer NOT NULL,
	"tokens" integer[] NOT NULL
);
--> statement-breakpoint
CREATE TABLE "unindexed_messages" (
	"message_id" bigint NOT NULL,
	"rev" integer NOT NULL,
	CONSTRAINT "unindexed_messages_message_id_pk" PRIMARY KEY("message_id")
);
--> statement-breakpoint
ALTER TABLE "message_tokens" ADD CONSTRAINT "message_tokens_message_id_messages_id_fk" FOREIGN KEY ("message_id") REFERENCES "public"."messages"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "message_tokens_search" ON "message_tokens" USING gin ("tokens");--> statement-breakpoint
CREATE INDEX "message_tokens_conversation" ON "message_tokens" USING btree ("conversation","message_id");--> statement-breakpoint

-- The token of a field of a message, such as its conversation; tokens of texts come from `lib/message-search.ts`.
CREATE FUNCTION field_token(field text, value text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT ('x' || substr(md5(field || ' ' || value), 1, 8))::bit(32)::integer
$$;
--> statement-breakpoint
CREATE FUNCTION note_texts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO unindexed_messages (message_id, rev)
  SELECT id, rev FROM added WHERE content->>'type' = 'text' ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER note_texts AFTER INSERT ON messages REFERENCING NEW TABLE AS added
  FOR EACH STATEMENT EXECUTE FUNCTION note_texts();
--> statement-breakpoint
CREATE FUNCTION note_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO unindexed_messages (message_id, rev) VALUES (NEW.id, NEW.rev)
  ON CONFLICT (message_id) DO UPDATE SET rev = excluded.rev;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER note_text AFTER UPDATE OF content ON messages
  FOR EACH ROW WHEN (OLD.content IS DISTINCT FROM NEW.content) EXECUTE FUNCTION note_text();
--> statement-breakpoint
INSERT INTO unindexed_messages (message_id, rev) SELECT id, rev FROM messages WHERE content->>'type' = 'text';
