-- Tokens of texts are hashed in another way from here on: every text is indexed again.
DELETE FROM message_tokens;
--> statement-breakpoint
INSERT INTO unindexed_messages (message_id, rev)
SELECT id, rev FROM messages WHERE content->>'type' = 'text' ON CONFLICT DO NOTHING;
