ALTER TABLE "conversations" ADD COLUMN "notices" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "notices" integer DEFAULT 0 NOT NULL;