import type { FriendRequestId, UserId } from "../../../schema/wire/ids.ts";
import type { Client } from "./client.ts";

/**
 * What a person does about friends. The result of each call is applied as the event that the other devices get, so
 * that the screen changes at once, also without a socket.
 */
export class Friendships {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async request(userId: UserId, note: string): Promise<void> {
    const request = await this.#client.api.requestFriend(userId, note);
    if (request === null) this.#client.refresh();
    else this.#client.store.apply({ type: "requested", request });
  }

  async accept(id: FriendRequestId): Promise<void> {
    this.#client.happened([{ ev: "friend.added", friend: await this.#client.api.acceptFriend(id) }]);
  }

  async decline(id: FriendRequestId): Promise<void> {
    await this.#client.api.declineFriend(id);
    this.#client.store.apply({ type: "declined", id });
  }

  async remove(userId: UserId): Promise<void> {
    await this.#client.api.removeFriend(userId);
    this.#client.happened([{ ev: "friend.removed", userId }]);
  }
}
