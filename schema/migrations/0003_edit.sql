CREATE TABLE "applied_operations" (
	"sender_id" bigint NOT NULL,
	"client_id" text NOT NULL,
	"applied_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "applied_operations_sender_id_client_id_pk" PRIMARY KEY("sender_id","client_id")
);
--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "edited_at" timestamp (3) with time zone;
