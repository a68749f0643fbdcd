import type { Recipients } from "../schema/internal/recipients.ts";
import type { GroupId, UserId } from "../schema/wire/ids.ts";
import type { Channel } from "./channel.ts";
import { GroupNode } from "./group-node.ts";
import type { Person } from "./person.ts";

/** Who is in this bucket: people, their channels, and the groups' lists that the channels are linked into. */
export class Roster {
  readonly #people = new Map<UserId, Person>();
  readonly #channels = new Map<WebSocket, Channel>();
  readonly #groups = new Map<GroupId, GroupNode<Channel>>();

  /** How many sockets there are. */
  get sockets(): number {
    return this.#channels.size;
  }

  get isEmpty(): boolean {
    return this.#people.size === 0;
  }

  people(): Iterable<Person> {
    return this.#people.values();
  }

  channels(): Iterable<Channel> {
    return this.#channels.values();
  }

  person(userId: UserId): Person | undefined {
    return this.#people.get(userId);
  }

  channel(socket: WebSocket): Channel | undefined {
    return this.#channels.get(socket);
  }

  addPerson(person: Person): void {
    this.#people.set(person.userId, person);
  }

  removePerson(person: Person): void {
    this.#people.delete(person.userId);
  }

  /** A channel has come; it is in no list until its person's groups are known. */
  addChannel(person: Person, channel: Channel): void {
    person.channels.add(channel);
    this.#channels.set(channel.socket, channel);
  }

  /** A channel goes: out of each of its lists, in constant time each. */
  removeChannel(person: Person, channel: Channel): void {
    for (const groupId of channel.memberships.keys()) this.#unlinkChannel(channel, groupId);
    person.channels.delete(channel);
    this.#channels.delete(channel.socket);
  }

  /** Links the person's channels into the lists of the person's groups, and out of all others. */
  linkAll(person: Person): void {
    for (const channel of person.channels) {
      for (const groupId of channel.memberships.keys()) {
        if (!person.groupIds.has(groupId)) this.#unlinkChannel(channel, groupId);
      }
      for (const groupId of person.groupIds) this.#linkChannel(channel, groupId);
    }
  }

  /** The person has joined a group. */
  link(person: Person, groupId: GroupId): void {
    person.change(groupId, true);
    for (const channel of person.channels) this.#linkChannel(channel, groupId);
  }

  /** The person has left a group. */
  unlink(person: Person, groupId: GroupId): void {
    person.change(groupId, false);
    for (const channel of person.channels) this.#unlinkChannel(channel, groupId);
  }

  /** Whether a group has nobody online here. */
  isGroupEmpty(groupId: GroupId): boolean {
    return !this.#groups.has(groupId);
  }

  /** Visits every channel that something is for; a visit may remove the channel that it is given. */
  forEach(to: Recipients, visit: (channel: Channel) => void): void {
    if (to.kind === "group") {
      this.#groups.get(to.groupId)?.forEach(visit);
      return;
    }
    for (const userId of to.userIds) this.#people.get(userId)?.channels.forEach(visit);
  }

  /** Whether anybody is here that something is for. */
  hasAny(to: Recipients): boolean {
    if (to.kind === "group") return this.#groups.has(to.groupId);
    return to.userIds.some((userId) => (this.#people.get(userId)?.channels.size ?? 0) > 0);
  }

  #linkChannel(channel: Channel, groupId: GroupId): void {
    if (channel.memberships.has(groupId)) return;
    const node = this.#groups.get(groupId) ?? new GroupNode<Channel>(groupId);
    this.#groups.set(groupId, node);
    channel.memberships.set(groupId, node.link(channel));
  }

  #unlinkChannel(channel: Channel, groupId: GroupId): void {
    const membership = channel.memberships.get(groupId);
    if (membership === undefined) return;
    membership.group.unlink(membership);
    channel.memberships.delete(groupId);
    if (membership.group.isEmpty) this.#groups.delete(groupId);
  }
}
