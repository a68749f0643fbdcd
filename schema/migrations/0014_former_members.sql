CREATE TABLE "former_members" (
	"conversation" text NOT NULL,
	"user_id" bigint NOT NULL,
	CONSTRAINT "former_members_conversation_user_id_pk" PRIMARY KEY("conversation","user_id")
);
--> statement-breakpoint
ALTER TABLE "former_members" ADD CONSTRAINT "former_members_conversation_conversations_id_fk" FOREIGN KEY ("conversation") REFERENCES "public"."conversations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "former_members_user" ON "former_members" USING btree ("user_id");