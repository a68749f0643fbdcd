import { DurableObject } from "cloudflare:workers";
import { environment } from "../lib/environment.ts";
import { Log, LogSettings } from "../lib/log.ts";
import type { BucketRpc, DeliveryItem } from "../lib/rpc/bucket.ts";
import type { LogicRpc } from "../lib/rpc/logic.ts";
import { BucketAddress } from "../schema/internal/bucket-address.ts";
import type { Control } from "../schema/internal/recipients.ts";
import type { GroupId } from "../schema/wire/ids.ts";
import { CLOSE, SUBPROTOCOL } from "../schema/wire/socket.ts";
import { AlarmClock } from "./alarm-clock.ts";
import { BucketSettings } from "./bucket-settings.ts";
import { Connections } from "./connections.ts";
import { FrameWriter } from "./frame-writer.ts";
import { Hub } from "./hub.ts";
import { Inbox } from "./inbox.ts";
import { Mutex } from "./mutex.ts";
import { People } from "./people.ts";
import { PeopleStore } from "./people-store.ts";
import type { Correction, Person } from "./person.ts";
import { Registration } from "./registration.ts";
import { TokenBucket } from "./token-bucket.ts";
import { callerOf } from "./upgrade.ts";
import { Verification } from "./verification.ts";

/** What a bucket is bound to: logic and nothing else, beside its settings. */
export type BucketEnv = { LOGIC: LogicRpc };

const settingsOf = environment(BucketSettings.extend(LogSettings.shape));

/** A bucket of a connect server: the sockets of the people whose hash it is, and their groups' lists. */
export class Bucket extends DurableObject<BucketEnv> implements BucketRpc {
  readonly #hub = new Hub();
  readonly #people: People;
  readonly #clock: AlarmClock;
  readonly #connections: Connections;
  readonly #registration: Registration;
  readonly #verification: Verification;
  readonly #inbox: Inbox;
  readonly #writer: FrameWriter;

  constructor(ctx: DurableObjectState, env: BucketEnv) {
    super(ctx, env);
    const settings = settingsOf(env);
    const log = new Log("connect", settings);
    const address = BucketAddress.parse(ctx.id.name);
    const hub = this.#hub;
    const people = new People(hub, new PeopleStore(ctx.storage.sql, log), settings);
    const clock = new AlarmClock(ctx.storage);
    const connections = new Connections(ctx, address, hub, people, clock, settings);
    const pushTokens = new TokenBucket(settings.PUSH_RATE, settings.PUSH_BURST, Date.now());
    // What bucket and logic know of people is compared and changed in one call at a time.
    const shared = { address, logic: env.LOGIC, hub, people, mutex: new Mutex(), log };
    this.#people = people;
    this.#clock = clock;
    this.#connections = connections;
    this.#writer = new FrameWriter(hub, pushTokens, settings.MAX_OUTBOUND_BYTES_PER_BUCKET, {
      isStale: (control) => control.kind !== "close" && people.isStale(control),
      carryOut: (control) => this.#carryOut(control),
    });
    this.#inbox = new Inbox(env.LOGIC, settings, (channel, close) => connections.hangUp(channel, close), log);
    this.#registration = new Registration({
      ...shared,
      clock,
      arrived: (person, correction) => this.#arrived(person, correction),
      refused: ({ userId }) => connections.hangUpAll(userId, CLOSE.tryAgainLater),
      restored: () => connections.greetAgain(hub.channels()),
    });
    this.#verification = new Verification({
      ...shared,
      storage: ctx.storage.kv,
      everyMs: settings.VERIFY_SECONDS * 1_000,
      corrected: (person, correction) => this.#corrected(person, correction),
      ended: ({ userId }, sessionId) => connections.hangUpAll(userId, CLOSE.sessionEnded, sessionId),
    });
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    ctx.blockConcurrencyWhile(() => this.#wake());
  }

  /** Opens a socket for somebody whom the connect Worker has verified. */
  override fetch(request: Request): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    const now = Date.now();
    const person = this.#connections.open(server, callerOf(request), now);
    if (person !== null && this.#registration.opened(person, now)) this.#connections.welcome(person);
    return new Response(null, {
      status: 101,
      webSocket: client,
      headers: { "Sec-WebSocket-Protocol": SUBPROTOCOL },
    });
  }

  override webSocketMessage(socket: WebSocket, frame: string | ArrayBuffer): void {
    const channel = this.#hub.channel(socket);
    // A socket that was closed from here may still have frames on their way: they are ignored.
    if (channel === undefined) return;
    const person = this.#people.get(channel.userId);
    if (person !== undefined) this.#inbox.receive(channel, person, frame, Date.now());
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    // The client waits for the closing handshake; codes that only mean "no code" cannot be sent back.
    if (socket.readyState === WebSocket.CLOSING)
      socket.close(code === 1000 || code >= 3000 ? code : undefined);
    this.#connections.closed(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#connections.closed(socket);
  }

  override async alarm(): Promise<void> {
    const now = Date.now();
    this.#clock.rang();
    this.#connections.hangUpDead(now);
    await this.#registration.tend(now);
    await this.#verification.tend(now);
    this.#clock.set(this.#registration.nextDue());
  }

  async deliver(items: DeliveryItem[]): Promise<void> {
    for (const { to } of items) if (to.kind === "group") this.#emptied(to.groupId);
    const written = this.#writer.push(items);
    if (written !== null) await written;
  }

  async register(): Promise<void> {
    await this.#registration.register();
  }

  /** Builds what was in memory from what has survived: the stored people, and the sockets with their attachments. */
  async #wake(): Promise<void> {
    await this.#clock.load();
    const now = Date.now();
    this.#connections.wake(now);
    this.#registration.resume(now);
  }

  #arrived(person: Person, { gained, lost }: Correction): void {
    this.#lost(person, lost);
    if (gained.length > 0) this.#connections.greetAgain(this.#hub.channelsOf(person.userId));
    this.#connections.welcome(person);
  }

  /** Somebody who lacks groups arrives anew: routes first, then lists, then `ready`. */
  #corrected(person: Person, { gained, lost }: Correction): void {
    this.#lost(person, lost);
    if (gained.length > 0) this.#registration.confirm(person);
  }

  #lost(person: Person, groupIds: readonly GroupId[]): void {
    this.#connections.reportLeft(person, groupIds);
    for (const groupId of groupIds) this.#emptied(groupId);
  }

  #emptied(groupId: GroupId): void {
    if (this.#hub.isGroupEmpty(groupId)) this.#registration.emptied(groupId);
  }

  #carryOut(control: Control): void {
    const { kind, userId } = control;
    switch (kind) {
      case "link": {
        const isFirst = this.#hub.isGroupEmpty(control.groupId);
        this.#people.apply(control);
        const person = this.#people.get(userId);
        if (isFirst && person !== undefined) this.#registration.confirm(person);
        break;
      }
      case "unlink":
        this.#people.apply(control);
        this.#emptied(control.groupId);
        break;
      case "close":
        this.#connections.hangUpAll(userId, CLOSE.sessionEnded, control.sessionId);
        break;
      default:
        kind satisfies never;
    }
  }
}
