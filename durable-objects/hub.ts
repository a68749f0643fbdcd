import type { Recipients } from "../schema/internal/recipients.ts";
import type { GroupId, UserId } from "../schema/wire/ids.ts";
import type { Channel } from "./channel.ts";
import { GroupNode } from "./group-node.ts";

/** The channels of a bucket: by socket, by user, and in the lists of the groups that they are linked into. */
export class Hub {
  readonly #bySocket = new Map<WebSocket, Channel>();
  readonly #byUser = new Map<UserId, Set<Channel>>();
  readonly #byGroup = new Map<GroupId, GroupNode<Channel>>();

  /** How many channels there are. */
  get size(): number {
    return this.#bySocket.size;
  }

  channels(): Iterable<Channel> {
    return this.#bySocket.values();
  }

  channel(socket: WebSocket): Channel | undefined {
    return this.#bySocket.get(socket);
  }

  /** The channels of a user, the longest here first. */
  channelsOf(userId: UserId): ReadonlySet<Channel> {
    return this.#byUser.get(userId) ?? new Set();
  }

  /** Adds a channel; it is in no group's list yet. */
  add(channel: Channel): void {
    const channels = this.#byUser.get(channel.userId) ?? new Set();
    this.#byUser.set(channel.userId, channels.add(channel));
    this.#bySocket.set(channel.socket, channel);
  }

  /** Removes a channel, also from each of its lists, in constant time each. */
  remove(channel: Channel): void {
    for (const groupId of channel.memberships.keys()) this.unlink(channel, groupId);
    this.#bySocket.delete(channel.socket);
    const channels = this.#byUser.get(channel.userId);
    channels?.delete(channel);
    if (channels?.size === 0) this.#byUser.delete(channel.userId);
  }

  /** Links a channel into a group's list, once. */
  link(channel: Channel, groupId: GroupId): void {
    if (channel.memberships.has(groupId)) return;
    const node = this.#byGroup.get(groupId) ?? new GroupNode<Channel>(groupId);
    this.#byGroup.set(groupId, node);
    channel.memberships.set(groupId, node.link(channel));
  }

  /** Takes a channel out of a group's list, if it is in it. */
  unlink(channel: Channel, groupId: GroupId): void {
    const membership = channel.memberships.get(groupId);
    if (membership === undefined) return;
    membership.group.unlink(membership);
    channel.memberships.delete(groupId);
    if (membership.group.isEmpty) this.#byGroup.delete(groupId);
  }

  /** Whether a group's list has nobody in it. */
  isGroupEmpty(groupId: GroupId): boolean {
    return !this.#byGroup.has(groupId);
  }

  /** Whether there is any channel of these recipients. */
  hasAny(to: Recipients): boolean {
    if (to.kind === "group") return this.#byGroup.has(to.groupId);
    return to.userIds.some((userId) => this.#byUser.has(userId));
  }

  /** Visits every channel of these recipients; a visit may remove the channel that it is given. */
  forEach(to: Recipients, visit: (channel: Channel) => void): void {
    if (to.kind === "group") this.#byGroup.get(to.groupId)?.forEach(visit);
    else for (const userId of to.userIds) this.#byUser.get(userId)?.forEach(visit);
  }
}
