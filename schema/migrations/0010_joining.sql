CREATE TABLE "deleted_conversations" (
	"conversation" text PRIMARY KEY NOT NULL,
	"deleted_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "invites" (
	"id" bigint PRIMARY KEY NOT NULL,
	"group_id" bigint NOT NULL,
	"token" text NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"max_uses" integer,
	"uses" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "invites_token_unique" UNIQUE("token")
);
--> statement-breakpoint
CREATE TABLE "join_requests" (
	"group_id" bigint NOT NULL,
	"user_id" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "join_requests_group_id_user_id_pk" PRIMARY KEY("group_id","user_id")
);
--> statement-breakpoint
ALTER TABLE "invites" ADD CONSTRAINT "invites_group_id_groups_id_fk" FOREIGN KEY ("group_id") REFERENCES "public"."groups"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "join_requests" ADD CONSTRAINT "join_requests_group_id_groups_id_fk" FOREIGN KEY ("group_id") REFERENCES "public"."groups"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "join_requests" ADD CONSTRAINT "join_requests_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "invites_group" ON "invites" USING btree ("group_id","id");--> statement-breakpoint
CREATE INDEX "invites_expiry" ON "invites" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "join_requests_oldest" ON "join_requests" USING btree ("group_id","created_at","user_id");--> statement-breakpoint
-- Takes a request to join off the list; fails with IM002 when it is not there any more, as `lock_group` does.
CREATE FUNCTION take_join_request(asked_group bigint, asked_user bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM join_requests WHERE group_id = asked_group AND user_id = asked_user;
  IF NOT FOUND THEN RAISE EXCEPTION 'nobody waits' USING ERRCODE = 'IM002'; END IF;
END $$;
--> statement-breakpoint
-- Counts a use of an invite; fails with IM002 when it cannot be used any more.
CREATE FUNCTION spend_invite(asked_token text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE invites SET uses = uses + 1
   WHERE token = asked_token AND coalesce(uses < max_uses, true) AND coalesce(expires_at > now(), true);
  IF NOT FOUND THEN RAISE EXCEPTION 'the invite cannot be used' USING ERRCODE = 'IM002'; END IF;
END $$;
