import { RpcTarget } from "cloudflare:workers";
import { and, eq, inArray, type SQL, sql } from "drizzle-orm";
import { onlineAmong } from "../../lib/presence.ts";
import type { FriendsRpc } from "../../lib/rpc/logic.ts";
import { accept, type Outcome, refuse } from "../../lib/rpc/outcome.ts";
import { userTopic } from "../../lib/topic.ts";
import { type FriendRow, toFriend } from "../../lib/views/friend.ts";
import { blocks, friendRequests, friendships } from "../../schema/tables/friends.ts";
import { users } from "../../schema/tables/users.ts";
import type { Friend, FriendRequest } from "../../schema/wire/friend.ts";
import { FriendRequestId, type UserId } from "../../schema/wire/ids.ts";
import type { Logic } from "./context.ts";
import { publishFacts } from "./facts.ts";
import { betweenThem, lockPeople, publishFriendship } from "./friendship.ts";

/** The result of a request for a friendship: an open request, or a friendship if the other side had asked already. */
type Asked = { kind: "requested"; request: FriendRequest } | { kind: "accepted"; friend: Friend };

/** Friendships and the requests for them. */
export class Friends extends RpcTarget implements FriendsRpc {
  readonly #logic: Logic;

  constructor(logic: Logic) {
    super();
    this.#logic = logic;
  }

  async request(from: UserId, to: UserId, note: string | null): Promise<Outcome<Asked>> {
    if (from === to) return refuse("self_request");
    const { database, redis, snowflakes } = this.#logic;
    const id = FriendRequestId.parse(String((await snowflakes.generator(redis)).next()));
    const theirRequest = and(eq(friendRequests.fromId, to), eq(friendRequests.toId, from));
    const [people, [block], befriended, [friendship], requested] = await database.batch([
      lockPeople(this.#logic, inArray(users.id, [from, to])),
      database.select().from(blocks).where(betweenThem(from, to)).limit(1),
      database.execute(befriend(theirRequest)),
      database
        .select({ since: friendships.createdAt })
        .from(friendships)
        .where(and(eq(friendships.userId, from), eq(friendships.friendId, to))),
      database.execute<{ created_at: string }>(sql`
        INSERT INTO friend_requests (id, from_id, to_id, note)
        SELECT ${id}, ${from}, users.id, ${note} FROM users
         WHERE users.id = ${to}
           AND NOT EXISTS (SELECT 1 FROM friendships WHERE user_id = ${from} AND friend_id = ${to})
           AND NOT EXISTS (SELECT 1 FROM ${blocks} WHERE ${betweenThem(from, to)})
        ON CONFLICT DO NOTHING
        RETURNING created_at`),
    ]);

    const asker = people.find(({ user }) => user.id === from);
    const asked = people.find(({ user }) => user.id === to);
    if (asker === undefined || asked === undefined) return refuse("user_not_found");
    // The refusal does not say which of the two has blocked the other.
    if (block !== undefined) return refuse("not_friends");
    if (befriended.rows.length > 0) {
      return accept({ kind: "accepted", friend: await this.#befriended(asker, asked) });
    }
    if (friendship !== undefined) return refuse("already_friends");
    const [inserted] = requested.rows;
    if (inserted === undefined) return refuse("already_requested");
    await publishFacts(this.#logic, [userTopic(to)]);
    const createdAt = new Date(inserted.created_at).toISOString();
    return accept({ kind: "requested", request: { id, from: asker.user, to: asked.user, note, createdAt } });
  }

  /** Accepts a request that was made to `userId`. */
  async accept(userId: UserId, requestId: FriendRequestId): Promise<Outcome<Friend>> {
    const { database } = this.#logic;
    const request = requestTo(userId, requestId);
    const [people, befriended] = await database.batch([
      lockPeople(
        this.#logic,
        sql`${users.id} IN (
          SELECT unnest(ARRAY[${friendRequests.fromId}, ${friendRequests.toId}]) FROM ${friendRequests} WHERE ${request}
        )`,
      ),
      database.execute(befriend(request)),
    ]);
    const accepting = people.find(({ user }) => user.id === userId);
    const asker = people.find(({ user }) => user.id !== userId);
    if (befriended.rows.length === 0 || accepting === undefined || asker === undefined) {
      return refuse("friend_request_not_found");
    }
    return accept(await this.#befriended(accepting, asker));
  }

  /** Declines a request that was made to `userId`; the asker does not learn of it. */
  async decline(userId: UserId, requestId: FriendRequestId): Promise<Outcome<null>> {
    const declined = await this.#logic.database
      .delete(friendRequests)
      .where(requestTo(userId, requestId))
      .returning({ id: friendRequests.id });
    return declined.length > 0 ? accept(null) : refuse("friend_request_not_found");
  }

  /** Ends a friendship, for both sides. Their conversation stays readable; neither writes into it any more. */
  async remove(userId: UserId, friendId: UserId): Promise<Outcome<null>> {
    const { database } = this.#logic;
    const [, ended] = await database.batch([
      lockPeople(this.#logic, inArray(users.id, [userId, friendId])),
      database.execute(sql`
        DELETE FROM friendships
         WHERE (user_id = ${userId} AND friend_id = ${friendId}) OR (user_id = ${friendId} AND friend_id = ${userId})
        RETURNING user_id`),
    ]);
    if (ended.rows.length === 0) return refuse("friend_not_found");
    await publishFriendship(this.#logic, userId, friendId, false);
    return accept(null);
  }

  /** Two people have become friends; returns `other` as `one` sees them. */
  async #befriended(one: FriendRow, other: FriendRow): Promise<Friend> {
    const [online] = await Promise.all([
      onlineAmong(this.#logic.redis, [other.user.id]),
      publishFriendship(this.#logic, one.user.id, other.user.id, true),
    ]);
    return toFriend({ id: one.user.id, lastSeen: one.lastSeen }, other, online.has(other.user.id));
  }
}

/** A request that is open and was made to this person. */
function requestTo(userId: UserId, requestId: FriendRequestId): SQL | undefined {
  return and(eq(friendRequests.id, requestId), eq(friendRequests.toId, userId));
}

/** Turns an open request into a friendship with its conversation; returns a row when there was one. */
function befriend(request: SQL | undefined): SQL {
  return sql`
    WITH answered AS (
      DELETE FROM friend_requests WHERE ${request}
      RETURNING from_id, to_id, 'dm:' || least(from_id, to_id) || ':' || greatest(from_id, to_id) AS conversation
    ), sides AS (
      SELECT from_id AS user_id, to_id AS friend_id, conversation FROM answered
      UNION ALL SELECT to_id, from_id, conversation FROM answered
    ), befriended AS (
      INSERT INTO friendships (user_id, friend_id) SELECT user_id, friend_id FROM sides ON CONFLICT DO NOTHING
    ), opened AS (
      INSERT INTO conversations (id) SELECT conversation FROM answered ON CONFLICT DO NOTHING
    ), entered AS (
      INSERT INTO members (conversation, user_id, role) SELECT conversation, user_id, 'member' FROM sides
      ON CONFLICT DO NOTHING
    )
    SELECT conversation FROM answered`;
}
