import { z } from "zod";
import { Conversation } from "../../schema/wire/conversation.ts";
import { Role } from "../../schema/wire/group.ts";
import { Seq, Timestamp } from "../../schema/wire/ids.ts";
import { User } from "../../schema/wire/user.ts";
import { GROUP_JSON, GroupView, toGroup } from "./group.ts";
import { MENTIONED } from "./mentioned.ts";
import { messageJson, notHidden, timestampText } from "./message.ts";
import { userJson } from "./user.ts";

/** A conversation as one of its members sees it, before it is known how many of its group are online. */
export const ConversationView = Conversation.pick({
  id: true,
  firstSeq: true,
  lastSeq: true,
  rev: true,
  readSeq: true,
  unread: true,
  mentioned: true,
  lastMessage: true,
}).extend({
  role: Role,
  peer: User.nullable(),
  group: GroupView.nullable(),
  firstUnreadSeq: Seq.nullable(),
  mutedUntil: Timestamp.nullable(),
  pinned: z.boolean(),
  archived: z.boolean(),
  draft: z.string().nullable(),
});
export type ConversationView = z.infer<typeof ConversationView>;

/** SQL: the other person of a direct conversation, else null. */
const PEER_ID = `CASE WHEN conversations.id LIKE 'dm:%' THEN (
    CASE WHEN split_part(conversations.id, ':', 2) = members.user_id::text
      THEN split_part(conversations.id, ':', 3) ELSE split_part(conversations.id, ':', 2) END
  )::bigint END`;

/** SQL: the group of a group's conversation, else null. */
const GROUP_ID = "CASE WHEN conversations.id LIKE 'group:%' THEN substr(conversations.id, 7)::bigint END";

/** Joins a member's conversation, and what they have set for it, to a row of `members`: what `CONVERSATION_JSON` reads. */
export const CONVERSATION_JOINS = `
  JOIN conversations ON conversations.id = members.conversation
  LEFT JOIN conversation_settings AS settings
    ON settings.conversation = members.conversation AND settings.user_id = members.user_id`;

/**
 * SQL: how many messages are unread: what others have written after the member's read mark, but for notices and for what
 * the member has hidden. Counted by subtraction, as whoever writes has read all before, and what was removed counts as read.
 */
const UNREAD = `greatest(0, conversations.last_seq - greatest(members.read_seq, conversations.first_seq - 1)
  - conversations.notices + coalesce((
    SELECT read.notices FROM messages AS read
     WHERE read.conversation = members.conversation AND read.seq = members.read_seq LIMIT 1
  ), conversations.removed_notices) - (
    SELECT count(*) FROM hidden_messages AS hidden JOIN messages ON messages.id = hidden.message_id
     WHERE hidden.user_id = members.user_id AND hidden.conversation = members.conversation
       AND hidden.seq > members.read_seq AND messages.content->>'type' IS DISTINCT FROM 'notice'
  ))`;

/**
 * A row of `members` with `CONVERSATION_JOINS` as one JSON column of a hand-written statement, to be parsed as a
 * `ConversationView`. The rest are look-ups by index for each row: limit the rows first.
 */
export const CONVERSATION_JSON = `jsonb_build_object(
  'id', conversations.id, 'firstSeq', conversations.first_seq, 'lastSeq', conversations.last_seq, 'rev', conversations.rev,
  'readSeq', members.read_seq, 'role', members.role,
  'peer', (SELECT ${userJson("peer")} FROM users AS peer WHERE peer.id = ${PEER_ID}),
  'group', (SELECT ${GROUP_JSON} FROM groups WHERE groups.id = ${GROUP_ID}),
  'lastMessage', (
    SELECT ${messageJson("last")} FROM messages AS last
     WHERE last.conversation = conversations.id AND ${notHidden("last.id", "members.user_id")}
     ORDER BY last.seq DESC LIMIT 1
  ),
  'unread', ${UNREAD}, 'mentioned', ${MENTIONED},
  'firstUnreadSeq', CASE WHEN ${UNREAD} > 0 THEN (
    SELECT unread.seq FROM messages AS unread
     WHERE unread.conversation = conversations.id AND unread.seq > members.read_seq
       AND unread.sender_id <> members.user_id
       AND unread.content->>'type' IS DISTINCT FROM 'notice' AND ${notHidden("unread.id", "members.user_id")}
     ORDER BY unread.seq LIMIT 1
  ) END,
  'mutedUntil', ${timestampText("settings.muted_until")}, 'pinned', coalesce(settings.pinned, false),
  'archived', coalesce(settings.archived, false), 'draft', settings.draft)`;

/** A conversation as clients get it; what is not set is left out. */
export function toConversation(view: ConversationView, onlineCount: number): Conversation {
  const { id, firstSeq, lastSeq, rev, readSeq, role, lastMessage, peer, group } = view;
  const { unread, mentioned, firstUnreadSeq, mutedUntil, pinned, archived, draft } = view;
  return {
    id,
    kind: group === null ? "dm" : "group",
    ...(peer !== null && { peer }),
    ...(group !== null && { group: toGroup(group, role, onlineCount) }),
    firstSeq,
    lastSeq,
    rev,
    readSeq,
    unread,
    mentioned,
    ...(firstUnreadSeq !== null && { firstUnreadSeq }),
    lastMessage,
    ...(mutedUntil !== null && { mutedUntil }),
    ...(pinned && { pinned }),
    ...(archived && { archived }),
    ...(draft !== null && { draft }),
  };
}
