CREATE TABLE "operator_actions" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"operator" text NOT NULL,
	"action" text NOT NULL,
	"target" text NOT NULL,
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "dead_letters" ADD COLUMN "replay_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "dead_letters_newest" ON "dead_letters" USING btree ("created_at","topic","offset");--> statement-breakpoint
CREATE INDEX "dead_letters_replayed" ON "dead_letters" USING btree ("replay_at") WHERE "dead_letters"."replay_at" IS NOT NULL;