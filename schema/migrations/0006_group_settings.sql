ALTER TABLE "members" ADD COLUMN "muted_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "groups" ADD COLUMN "description" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "groups" ADD COLUMN "posting" text DEFAULT 'all' NOT NULL;--> statement-breakpoint
CREATE INDEX "members_joined" ON "members" USING btree ("conversation","joined_at","user_id");--> statement-breakpoint
-- Locks a group for a change that was decided on by its join policy and these people's roles (null: not a member).
-- Fails with IM002 when any of it has changed since: the caller looks again and decides anew.
CREATE FUNCTION lock_group(conversation text, policy text, user_ids bigint[], roles text[])
  RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM lock_conversations(ARRAY[lock_group.conversation], NULL);
  IF policy IS DISTINCT FROM (
       SELECT join_policy FROM groups WHERE id = substr(lock_group.conversation, 7)::bigint
     ) OR EXISTS (
       SELECT 1 FROM unnest(user_ids, roles) AS seen (user_id, role)
        WHERE seen.role IS DISTINCT FROM (
          SELECT members.role FROM members
           WHERE members.conversation = lock_group.conversation AND members.user_id = seen.user_id
        )
     ) THEN
    RAISE EXCEPTION 'the group has changed' USING ERRCODE = 'IM002';
  END IF;
END $$;
--> statement-breakpoint
DROP TRIGGER note_group ON groups;
--> statement-breakpoint
CREATE TRIGGER note_group AFTER UPDATE OF name, description, avatar_url, join_policy, posting, member_count ON groups
  FOR EACH ROW EXECUTE FUNCTION note_group();
--> statement-breakpoint
-- A deleted group: nobody may write into it any more.
CREATE FUNCTION note_group_deleted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO pending_facts (topic, fact)
  VALUES ('group.' || OLD.id, jsonb_build_object('kind', 'group', 'groupId', OLD.id::text));
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER note_group_deleted AFTER DELETE ON groups
  FOR EACH ROW EXECUTE FUNCTION note_group_deleted();
--> statement-breakpoint
-- Whether a member may write depends on their role and mute.
CREATE FUNCTION note_standing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO pending_facts (topic, fact)
  SELECT 'group.' || substr(NEW.conversation, 7),
         jsonb_build_object('kind', 'standing', 'groupId', substr(NEW.conversation, 7), 'userId', NEW.user_id::text)
   WHERE NEW.conversation LIKE 'group:%';
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER note_standing AFTER UPDATE OF role, muted_until ON members
  FOR EACH ROW WHEN (OLD.role IS DISTINCT FROM NEW.role OR OLD.muted_until IS DISTINCT FROM NEW.muted_until)
  EXECUTE FUNCTION note_standing();
