-- On average a conversation is short, and a planner that knows it reads a whole conversation and sorts it where a page is asked
-- for: of a long one, a million messages for 200. So it is told that each has a thousand, which it then reads in order, by index.
ALTER TABLE messages ALTER COLUMN conversation SET (n_distinct = -0.001);
--> statement-breakpoint
ANALYZE messages (conversation);
