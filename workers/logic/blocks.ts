import { RpcTarget } from "cloudflare:workers";
import { inArray, sql } from "drizzle-orm";
import type { BlocksRpc } from "../../lib/rpc/logic.ts";
import { accept, type Outcome, refuse } from "../../lib/rpc/outcome.ts";
import { users } from "../../schema/tables/users.ts";
import type { UserId } from "../../schema/wire/ids.ts";
import type { Logic } from "./context.ts";
import { lockPeople, publishFriendship } from "./friendship.ts";

/** Who has blocked whom. While either of two people blocks the other, both see a stranger. */
export class Blocks extends RpcTarget implements BlocksRpc {
  readonly #logic: Logic;

  constructor(logic: Logic) {
    super();
    this.#logic = logic;
  }

  /** Blocks a person: ends the friendship, which the block remembers, and deletes open requests of either. */
  async block(userId: UserId, blockedId: UserId): Promise<Outcome<null>> {
    if (userId === blockedId) return refuse("self_block");
    const { database } = this.#logic;
    const [people, blocked] = await database.batch([
      lockPeople(this.#logic, inArray(users.id, [userId, blockedId])),
      database.execute<{ friends_since: string | null }>(sql`
        WITH ended AS (
          DELETE FROM friendships
           WHERE (user_id = ${userId} AND friend_id = ${blockedId})
              OR (user_id = ${blockedId} AND friend_id = ${userId})
          RETURNING created_at
        ), withdrawn AS (
          DELETE FROM friend_requests
           WHERE (from_id = ${userId} AND to_id = ${blockedId}) OR (from_id = ${blockedId} AND to_id = ${userId})
        )
        INSERT INTO blocks (user_id, blocked_id, friends_since)
        SELECT ${userId}, users.id, (SELECT min(created_at) FROM ended) FROM users WHERE users.id = ${blockedId}
        ON CONFLICT DO NOTHING
        RETURNING friends_since`),
    ]);
    if (!people.some(({ user }) => user.id === blockedId)) return refuse("user_not_found");
    const [made] = blocked.rows;
    if (made !== undefined && made.friends_since !== null) {
      await publishFriendship(this.#logic, userId, blockedId, false);
    }
    return accept(null);
  }

  /**
   * Lifts a block. The friendship that it ended begins again, unless the other person has a block too: then theirs
   * remembers it from here on.
   */
  async unblock(userId: UserId, blockedId: UserId): Promise<Outcome<null>> {
    const { database } = this.#logic;
    const [people, restored] = await database.batch([
      lockPeople(this.#logic, inArray(users.id, [userId, blockedId])),
      database.execute(sql`
        WITH lifted AS (
          DELETE FROM blocks WHERE user_id = ${userId} AND blocked_id = ${blockedId} RETURNING friends_since
        ), inherited AS (
          UPDATE blocks SET friends_since = coalesce(blocks.friends_since, lifted.friends_since) FROM lifted
           WHERE blocks.user_id = ${blockedId} AND blocks.blocked_id = ${userId}
          RETURNING blocks.user_id
        ), sides AS (
          SELECT ${userId}::bigint AS user_id, ${blockedId}::bigint AS friend_id, friends_since FROM lifted
          UNION ALL
          SELECT ${blockedId}::bigint, ${userId}::bigint, friends_since FROM lifted
        )
        INSERT INTO friendships (user_id, friend_id, created_at)
        SELECT * FROM sides WHERE friends_since IS NOT NULL AND NOT EXISTS (SELECT 1 FROM inherited)
        ON CONFLICT DO NOTHING
        RETURNING user_id`),
    ]);
    if (!people.some(({ user }) => user.id === blockedId)) return refuse("user_not_found");
    if (restored.rows.length > 0) await publishFriendship(this.#logic, userId, blockedId, true);
    return accept(null);
  }
}
