import type { Group } from "../../../schema/wire/group.ts";
import type { GroupId, UserId } from "../../../schema/wire/ids.ts";
import type { InviteToken } from "../../../schema/wire/invite.ts";
import type { Client } from "./client.ts";

/** What a person does about groups; results become events as in {@link Friendships}. */
export class Groups {
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async create(name: string, memberIds: readonly UserId[]): Promise<Group> {
    const group = await this.#client.api.createGroup(name, memberIds);
    this.#client.happened([{ ev: "group.joined", group }]);
    return group;
  }

  /** Joins; null when an admin has to approve first. */
  async join(id: GroupId): Promise<Group | null> {
    const group = await this.#client.api.joinGroup(id);
    if (group !== null) this.#client.happened([{ ev: "group.joined", group }]);
    return group;
  }

  /** Joins by an invite. */
  async acceptInvite(token: InviteToken): Promise<Group> {
    const group = await this.#client.api.acceptInvite(token);
    this.#client.happened([{ ev: "group.joined", group }]);
    return group;
  }

  async leave(id: GroupId): Promise<void> {
    await this.#client.api.leaveGroup(id);
    this.#client.happened([{ ev: "group.left", groupId: id }]);
  }
}
