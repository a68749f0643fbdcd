CREATE TABLE "mentions" (
	"conversation" text NOT NULL,
	"user_id" bigint NOT NULL,
	"seq" integer NOT NULL,
	CONSTRAINT "mentions_conversation_user_id_seq_pk" PRIMARY KEY("conversation","user_id","seq")
);
--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "reply_to" bigint;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "mentions" jsonb;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "forward_of" jsonb;--> statement-breakpoint
ALTER TABLE "mentions" ADD CONSTRAINT "mentions_message_fk" FOREIGN KEY ("conversation","seq") REFERENCES "public"."messages"("conversation","seq") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "mentions_message" ON "mentions" USING btree ("conversation","seq");--> statement-breakpoint
ALTER TABLE "reactions" ADD CONSTRAINT "reactions_message_id_messages_id_fk" FOREIGN KEY ("message_id") REFERENCES "public"."messages"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint

-- What a message shows of the one that it replies to, as that one is now: a look-up by id. Nothing of it is copied, so a
-- recall has nothing to delete anywhere else. A function, so that statements that only may need it are not planned longer.
CREATE FUNCTION message_reply(original_id bigint, excerpt_length int) RETURNS jsonb STABLE LANGUAGE plpgsql AS $$
BEGIN
  RETURN coalesce((
    SELECT jsonb_build_object('replyTo', jsonb_build_object(
      'id', id::text, 'seq', seq, 'senderId', sender_id::text,
      'excerpt', CASE WHEN content IS NOT NULL THEN
        left(coalesce(content->>'text', content->>'name', ''), excerpt_length) END))
      FROM messages WHERE id = original_id
  ), '{}');
END $$;
