import { DurableObject } from "cloudflare:workers";
import { environment } from "../lib/environment.ts";
import { Log, LogSettings } from "../lib/log.ts";
import type { BucketRpc, DeliveryItem } from "../lib/rpc/bucket.ts";
import type { LogicRpc } from "../lib/rpc/logic.ts";
import { BucketAddress, bucketParts } from "../schema/internal/bucket-address.ts";
import type { Control } from "../schema/internal/recipients.ts";
import { CLOSE, type Close, type ServerEvent, SUBPROTOCOL } from "../schema/wire/socket.ts";
import { AlarmClock } from "./alarm-clock.ts";
import { BucketSettings } from "./bucket-settings.ts";
import { type Attachment, Channel } from "./channel.ts";
import { frameOf } from "./frame.ts";
import { FrameLimits } from "./frame-limits.ts";
import { Inbox } from "./inbox.ts";
import { Outbox } from "./outbox.ts";
import { PeopleStore } from "./people-store.ts";
import { Person } from "./person.ts";
import { Registration } from "./registration.ts";
import { Roster } from "./roster.ts";
import { TokenBucket } from "./token-bucket.ts";
import { guestOf } from "./upgrade.ts";

/** What a bucket is bound to: logic and nothing else, beside its settings. */
export type BucketEnv = { LOGIC: LogicRpc };

const settingsOf = environment(BucketSettings.extend(LogSettings.shape));

/** For how long a socket may wait to be registered (milliseconds). */
const READY_WITHIN_MS = 30_000;

/** A bucket of a connect server: the sockets of the people whose hash it is, and their groups' lists. */
export class Bucket extends DurableObject<BucketEnv> implements BucketRpc {
  readonly #settings: BucketSettings;
  readonly #address: BucketAddress;
  readonly #roster = new Roster();
  readonly #store: PeopleStore;
  readonly #clock: AlarmClock;
  readonly #registration: Registration;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;

  constructor(ctx: DurableObjectState, env: BucketEnv) {
    super(ctx, env);
    const settings = settingsOf(env);
    const tokens = new TokenBucket(settings.PUSH_RATE, settings.PUSH_BURST, Date.now());
    const log = new Log("connect", settings);
    this.#settings = settings;
    this.#address = BucketAddress.parse(ctx.id.name);
    this.#store = new PeopleStore(ctx.storage.sql);
    this.#clock = new AlarmClock(ctx.storage);
    this.#outbox = new Outbox(this.#roster, tokens, settings.MAX_QUEUED_BYTES, (control) =>
      this.#carryOut(control),
    );
    this.#inbox = new Inbox(
      env.LOGIC,
      settings.MAX_QUEUED_BYTES,
      (channel, close) => this.#hangUp(channel, close),
      log,
    );
    this.#registration = new Registration({
      address: this.#address,
      logic: env.LOGIC,
      roster: this.#roster,
      store: this.#store,
      clock: this.#clock,
      events: {
        arrived: (person) => this.#welcome(person),
        refused: (person) => this.#refuse(person),
        restored: () => this.#greetAgain(),
      },
      graceMs: settings.GRACE_SECONDS * 1_000,
      log,
    });
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    ctx.blockConcurrencyWhile(() => this.#wake());
  }

  /** Opens a socket for somebody whom the connect Worker has verified. */
  override fetch(request: Request): Response {
    const { userId, sessionId } = guestOf(request);
    const { 0: client, 1: server } = new WebSocketPair();
    if (this.#roster.sockets >= this.#settings.MAX_SOCKETS) {
      server.accept();
      server.close(CLOSE.tryAgainLater.code, CLOSE.tryAgainLater.reason);
    } else {
      this.ctx.acceptWebSocket(server);
      const now = Date.now();
      this.#open(server, { userId, sessionId, connectedAt: now, seenAt: now, ready: false }, now);
    }
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: { "Sec-WebSocket-Protocol": SUBPROTOCOL },
    });
  }

  override webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): void {
    const channel = this.#roster.channel(socket);
    // A socket that was hung up on may still have frames on their way; nobody waits for an answer.
    if (channel !== undefined) this.#inbox.receive(channel, frame, Date.now());
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    // The client waits for the answer to its close; codes that stand for none cannot be sent back.
    if (socket.readyState === WebSocket.CLOSING)
      socket.close(code === 1000 || code >= 3000 ? code : undefined);
    this.#leave(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#leave(socket);
  }

  override async alarm(): Promise<void> {
    const now = Date.now();
    this.#clock.rang();
    this.#closeDeadSockets(now);
    await this.#registration.tend(now);
    this.#clock.set(this.#registration.nextDue());
  }

  async deliver(items: DeliveryItem[]): Promise<void> {
    for (const { to } of items) {
      if (to.kind === "group" && this.#roster.isGroupEmpty(to.groupId))
        this.#registration.emptied(to.groupId);
    }
    const written = this.#outbox.push(items);
    if (written !== null) await written;
  }

  async register(): Promise<void> {
    await this.#registration.register();
  }

  /** Builds what was in memory from what has survived: the stored people, and the sockets with their attachments. */
  async #wake(): Promise<void> {
    await this.#clock.load();
    const now = Date.now();
    for (const person of this.#store.load()) this.#roster.addPerson(person);
    for (const socket of this.ctx.getWebSockets()) this.#resume(socket, now);
    for (const person of this.#roster.people()) {
      if (person.channels.size > 0) {
        person.standing = "registered";
        person.departsAt = null;
        this.#roster.linkAll(person);
      } else if (person.departsAt === null) {
        this.#registration.left(person, now);
      }
    }
    this.#registration.resume(now);
  }

  #resume(socket: WebSocket, now: number): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    const attachment: Attachment | null = socket.deserializeAttachment();
    const person = attachment === null ? undefined : this.#roster.person(attachment.userId);
    if (attachment?.ready && person !== undefined) {
      this.#roster.addChannel(person, this.#channel(socket, attachment, now));
    } else {
      // Its registration was under way when the object went down.
      socket.close(CLOSE.tryAgainLater.code, CLOSE.tryAgainLater.reason);
    }
  }

  #open(socket: WebSocket, attachment: Attachment, now: number): void {
    const channel = this.#channel(socket, attachment, now);
    channel.note();
    const person = this.#roster.person(attachment.userId) ?? new Person(attachment.userId, "unknown");
    this.#roster.addPerson(person);
    this.#roster.addChannel(person, channel);
    if (this.#registration.came(person, now)) this.#welcome(person);
  }

  #channel(socket: WebSocket, attachment: Attachment, now: number): Channel {
    const { FRAME_RATE, FRAME_BURST } = this.#settings;
    return new Channel(socket, attachment, new FrameLimits(FRAME_RATE, FRAME_BURST, now));
  }

  /** Somebody's routes stand: their channels get everything from here on, and are told so. */
  #welcome(person: Person): void {
    this.#roster.linkAll(person);
    this.#outbox.seal();
    for (const channel of person.channels) {
      if (channel.isReady) continue;
      channel.markReady();
      this.#sayReady(channel);
    }
  }

  /** Somebody's routes may not stand: their channels are closed, to come back and try again. */
  #refuse(person: Person): void {
    for (const channel of person.channels) this.#hangUp(channel, CLOSE.tryAgainLater);
  }

  /** Routes were lost for a while: `ready` once more has clients sync what they have missed. */
  #greetAgain(): void {
    for (const channel of this.#roster.channels()) if (channel.isReady) this.#sayReady(channel);
  }

  #sayReady(channel: Channel): void {
    const { userId, sessionId } = channel;
    const ready: ServerEvent = { ev: "ready", userId, sessionId, ...bucketParts(this.#address) };
    channel.send(frameOf([JSON.stringify(ready)]));
  }

  #hangUp(channel: Channel, close: Close): void {
    channel.close(close);
    this.#leave(channel.socket);
  }

  #leave(socket: WebSocket): void {
    const channel = this.#roster.channel(socket);
    const person = channel && this.#roster.person(channel.userId);
    if (channel === undefined || person === undefined) return;
    this.#roster.removeChannel(person, channel);
    if (person.channels.size === 0) this.#registration.left(person, Date.now());
  }

  #carryOut(control: Control): void {
    const person = this.#roster.person(control.userId);
    if (person === undefined) return;
    switch (control.kind) {
      case "link": {
        const opensList = person.channels.size > 0 && this.#roster.isGroupEmpty(control.groupId);
        this.#roster.link(person, control.groupId);
        this.#store.save(person);
        if (opensList) this.#registration.confirm(person);
        break;
      }
      case "unlink": {
        this.#roster.unlink(person, control.groupId);
        this.#store.save(person);
        if (this.#roster.isGroupEmpty(control.groupId)) this.#registration.emptied(control.groupId);
        break;
      }
      case "close": {
        for (const channel of person.channels) {
          if (channel.sessionId === control.sessionId) this.#hangUp(channel, CLOSE.sessionEnded);
        }
        break;
      }
    }
  }

  /** Closes sockets without a sign of life, and those that nobody could register. */
  #closeDeadSockets(now: number): void {
    const idleMs = this.#settings.SOCKET_IDLE_SECONDS * 1_000;
    for (const channel of this.#roster.channels()) {
      const pingedAt = this.ctx.getWebSocketAutoResponseTimestamp(channel.socket)?.getTime() ?? 0;
      const quietMs = now - Math.max(channel.seenAt, pingedAt);
      if (quietMs > (channel.isReady ? idleMs : READY_WITHIN_MS)) this.#hangUp(channel, CLOSE.tryAgainLater);
    }
  }
}
