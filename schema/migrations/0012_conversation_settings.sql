CREATE TABLE "conversation_settings" (
	"conversation" text NOT NULL,
	"user_id" bigint NOT NULL,
	"muted_until" timestamp (3) with time zone,
	"pinned" boolean DEFAULT false NOT NULL,
	"archived" boolean DEFAULT false NOT NULL,
	"draft" text,
	CONSTRAINT "conversation_settings_conversation_user_id_pk" PRIMARY KEY("conversation","user_id")
);
--> statement-breakpoint
CREATE TABLE "hidden_messages" (
	"message_id" bigint NOT NULL,
	"user_id" bigint NOT NULL,
	"conversation" text NOT NULL,
	"seq" integer NOT NULL,
	"rev" integer NOT NULL,
	"hidden_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "hidden_messages_message_id_user_id_pk" PRIMARY KEY("message_id","user_id")
);
--> statement-breakpoint
ALTER TABLE "conversation_settings" ADD CONSTRAINT "conversation_settings_member" FOREIGN KEY ("conversation","user_id") REFERENCES "public"."members"("conversation","user_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "hidden_messages" ADD CONSTRAINT "hidden_messages_message_id_messages_id_fk" FOREIGN KEY ("message_id") REFERENCES "public"."messages"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "hidden_messages_seq" ON "hidden_messages" USING btree ("user_id","conversation","seq");--> statement-breakpoint
CREATE INDEX "hidden_messages_rev" ON "hidden_messages" USING btree ("user_id","conversation","rev");--> statement-breakpoint

CREATE FUNCTION note_conversation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO pending_facts (topic, fact)
  VALUES ('user.' || NEW.user_id,
          jsonb_build_object('kind', 'conversation', 'userId', NEW.user_id::text, 'conversation', NEW.conversation));
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER note_set AFTER INSERT ON conversation_settings
  FOR EACH ROW EXECUTE FUNCTION note_conversation();
--> statement-breakpoint
CREATE TRIGGER note_changed AFTER UPDATE ON conversation_settings
  FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION note_conversation();
