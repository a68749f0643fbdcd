import { type BucketAddress, bucketParts } from "../schema/internal/bucket-address.ts";
import type { GroupId, SessionId, UserId } from "../schema/wire/ids.ts";
import { CLOSE, type Close, type ServerEvent } from "../schema/wire/socket.ts";
import type { AlarmClock } from "./alarm-clock.ts";
import type { BucketSettings } from "./bucket-settings.ts";
import { Attachment, Channel } from "./channel.ts";
import type { Hub } from "./hub.ts";
import { InboundLimits } from "./inbound-limits.ts";
import type { People } from "./people.ts";
import type { Person } from "./person.ts";
import type { Caller } from "./upgrade.ts";

/** For how long a socket may wait to be registered (milliseconds). */
const READY_WITHIN_MS = 30_000;

/** Opens, greets and closes the sockets of a bucket. */
export class Connections {
  readonly #ctx: DurableObjectState;
  readonly #address: BucketAddress;
  readonly #hub: Hub;
  readonly #people: People;
  readonly #clock: AlarmClock;
  readonly #settings: BucketSettings;

  constructor(
    ctx: DurableObjectState,
    address: BucketAddress,
    hub: Hub,
    people: People,
    clock: AlarmClock,
    settings: BucketSettings,
  ) {
    this.#ctx = ctx;
    this.#address = address;
    this.#hub = hub;
    this.#people = people;
    this.#clock = clock;
    this.#settings = settings;
  }

  /** Goes on with the sockets that have outlived the bucket's memory. */
  wake(now: number): void {
    const channels: Channel[] = [];
    for (const socket of this.#ctx.getWebSockets()) {
      if (socket.readyState !== WebSocket.OPEN) continue;
      const { data: attachment } = Attachment.safeParse(socket.deserializeAttachment());
      if (attachment?.ready) channels.push(this.#channel(socket, attachment, now));
      // Its registration was under way when the object went down.
      else socket.close(CLOSE.tryAgainLater.code, CLOSE.tryAgainLater.reason);
    }
    for (const stranger of this.#people.wake(channels, now)) stranger.close(CLOSE.tryAgainLater);
  }

  /** Opens a socket. A further one of an account closes its oldest. Returns null when the bucket is full. */
  open(socket: WebSocket, { userId, sessionId }: Caller, now: number): Person | null {
    const { MAX_SOCKETS_PER_ACCOUNT, MAX_SOCKETS_PER_BUCKET } = this.#settings;
    const others = [...this.#hub.channelsOf(userId)];
    const [oldest] = others.sort((one, other) => one.connectedAt - other.connectedAt);
    if (oldest !== undefined && others.length >= MAX_SOCKETS_PER_ACCOUNT) {
      this.hangUp(oldest, CLOSE.tooManySockets);
    }
    if (this.#hub.size >= MAX_SOCKETS_PER_BUCKET) {
      socket.accept();
      socket.close(CLOSE.tryAgainLater.code, CLOSE.tryAgainLater.reason);
      return null;
    }
    this.#ctx.acceptWebSocket(socket);
    const attachment = { userId, sessionId, connectedAt: now, seenAt: now, ready: false };
    const channel = this.#channel(socket, attachment, now);
    channel.save();
    return this.#people.open(channel, now);
  }

  /** Somebody's routes are registered: their channels get everything from here on, and `ready` says so. */
  welcome({ userId }: Person): void {
    for (const channel of this.#hub.channelsOf(userId)) {
      if (channel.isReady) continue;
      channel.markReady();
      this.#greet(channel);
    }
  }

  /** Routes were missing, so something may have been missed: a further `ready` has the clients sync. */
  greetAgain(channels: Iterable<Channel>): void {
    for (const channel of channels) if (channel.isReady) this.#greet(channel);
  }

  /** Reports to somebody's devices that the person is no longer in these groups. */
  reportLeft({ userId }: Person, groupIds: readonly GroupId[]): void {
    const left = groupIds.map((groupId): ServerEvent => ({ ev: "group.left", groupId }));
    if (left.length === 0) return;
    for (const channel of this.#hub.channelsOf(userId)) if (channel.isReady) channel.report(...left);
  }

  /** Closes a channel from here; nothing that it sends is read any more. */
  hangUp(channel: Channel, close: Close): void {
    channel.close(close);
    this.closed(channel.socket);
  }

  /** Closes somebody's channels, or those of one session. */
  hangUpAll(userId: UserId, close: Close, sessionId?: SessionId): void {
    for (const channel of this.#hub.channelsOf(userId)) {
      if (sessionId === undefined || channel.sessionId === sessionId) this.hangUp(channel, close);
    }
  }

  /** Closes the sockets without a sign of life, and those that were not registered in time. */
  hangUpDead(now: number): void {
    const idleMs = this.#settings.SOCKET_IDLE_SECONDS * 1_000;
    for (const channel of this.#hub.channels()) {
      const pingedAt = this.#ctx.getWebSocketAutoResponseTimestamp(channel.socket)?.getTime() ?? 0;
      const quietMs = now - Math.max(channel.seenAt, pingedAt);
      if (quietMs > (channel.isReady ? idleMs : READY_WITHIN_MS)) this.hangUp(channel, CLOSE.tryAgainLater);
    }
  }

  /** A socket has closed, from either side. */
  closed(socket: WebSocket): void {
    const channel = this.#hub.channel(socket);
    if (channel === undefined) return;
    const departsAt = this.#people.close(channel, Date.now());
    if (departsAt !== null) this.#clock.atMost(departsAt);
  }

  #channel(socket: WebSocket, attachment: Attachment, now: number): Channel {
    return new Channel(socket, attachment, InboundLimits.ofSocket(this.#settings, now));
  }

  #greet(channel: Channel): void {
    const { userId, sessionId } = channel;
    channel.report({ ev: "ready", userId, sessionId, ...bucketParts(this.#address) });
  }
}
