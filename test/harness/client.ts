import { randomUUID } from "node:crypto";
import type { SignedIn } from "../../schema/wire/account.ts";
import type { Conversation, SyncResponse } from "../../schema/wire/conversation.ts";
import type { ConversationId } from "../../schema/wire/conversation-id.ts";
import { directConversation } from "../../schema/wire/conversation-id.ts";
import type { Friend, FriendRequest } from "../../schema/wire/friend.ts";
import type { Group } from "../../schema/wire/group.ts";
import type { Message } from "../../schema/wire/message.ts";
import type { Page } from "../../schema/wire/page.ts";
import type { ProblemDocument } from "../../schema/wire/problem.ts";
import type { ConnectResponse } from "../../schema/wire/socket.ts";
import type { User } from "../../schema/wire/user.ts";
import { Socket } from "./socket.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** A response with any status, for tests that check refusals, too. */
export type ApiResponse<Body> = { status: number; headers: Headers; body: Body };

/** The API returned a problem. */
export class Refused extends Error {
  readonly status: number;
  readonly problem: ProblemDocument;

  constructor(request: string, status: number, problem: ProblemDocument) {
    super(`${request}: ${status} ${JSON.stringify(problem)}`);
    this.status = status;
    this.problem = problem;
  }
}

/** Sends a request to the API, with or without a token; returns the response with any status. */
export async function request<Body>(
  url: string,
  method: Method,
  path: string,
  options: { body?: unknown; token?: string | undefined; headers?: Record<string, string> } = {},
): Promise<ApiResponse<Body>> {
  const { body, token, headers } = options;
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const json = (text === "" ? null : JSON.parse(text)) as Body;
  return { status: response.status, headers: response.headers, body: json };
}

/** A client of the public protocol: a person's session, their HTTP requests and their sockets. */
export class Client {
  readonly url: string;
  readonly user: User;
  session: SignedIn;

  private constructor(url: string, session: SignedIn) {
    this.url = url;
    this.user = session.user;
    this.session = session;
  }

  /** Registers a new person as `username`, or as `name` with a random suffix. */
  static async register(url: string, options: { name?: string; username?: string } = {}): Promise<Client> {
    const username = options.username ?? `${options.name ?? "user"}-${randomUUID().slice(0, 12)}`;
    const body = { username, password: PASSWORD };
    const { body: session } = await accepted<SignedIn>(url, "POST", "/auth/register", { body });
    return new Client(url, session);
  }

  /** Registers this many people concurrently. */
  static registerMany(url: string, count: number): Promise<Client[]> {
    return Promise.all(Array.from({ length: count }, () => Client.register(url)));
  }

  /** Logs the same person in on another device. */
  async loginAgain(): Promise<Client> {
    const body = { username: this.user.username, password: PASSWORD };
    const { body: session } = await accepted<SignedIn>(this.url, "POST", "/auth/login", { body });
    return new Client(this.url, session);
  }

  /** Sends a request as this person; returns the response with any status. */
  ask<Body = unknown>(method: Method, path: string, body?: unknown): Promise<ApiResponse<Body>> {
    return request(this.url, method, path, { token: this.session.accessToken, body });
  }

  /** Sends a request as this person and returns its body; throws `Refused` for a problem. */
  async do<Body = unknown>(method: Method, path: string, body?: unknown): Promise<Body> {
    const token = this.session.accessToken;
    return (await accepted<Body>(this.url, method, path, { token, body })).body;
  }

  /** Makes both friends; returns their conversation. */
  async befriend(other: Client): Promise<ConversationId> {
    const { id } = await this.do<FriendRequest>("POST", "/friends/requests", { userId: other.user.id });
    await other.do<Friend>("POST", `/friends/requests/${id}/accept`);
    return directConversation(this.user.id, other.user.id);
  }

  createGroup(name: string): Promise<Group> {
    return this.do("POST", "/groups", { name });
  }

  joinGroup(group: Group): Promise<Group> {
    return this.do("PUT", `/groups/${group.id}/members/me`);
  }

  /** Sends a message over HTTP; returns its client id once it is accepted. */
  async post(conversation: ConversationId, text: string, clientId: string = randomUUID()): Promise<string> {
    await this.do("POST", "/messages", { conversation, clientId, content: { type: "text", text } });
    return clientId;
  }

  async conversations(): Promise<Conversation[]> {
    return (await this.do<Page<Conversation>>("GET", "/conversations?limit=200")).items;
  }

  /** The history of a conversation, without notices. */
  async history(conversation: ConversationId): Promise<Message[]> {
    return (await this.wholeHistory(conversation)).filter((message) => message.content?.type !== "notice");
  }

  /** The whole history of a conversation, page by page. */
  async wholeHistory(conversation: ConversationId): Promise<Message[]> {
    const all: Message[] = [];
    for (;;) {
      const after = all.at(-1)?.seq ?? 0;
      const path = `/conversations/${conversation}/messages?after=${after}&limit=200`;
      const { items } = await this.do<{ items: Message[] }>("GET", path);
      if (items.length === 0) return all;
      all.push(...items);
    }
  }

  /** One response of sync: the changes since these revs. */
  sync(conversations: Record<string, number> = {}, others?: "latest"): Promise<SyncResponse> {
    return this.do("POST", "/sync", { conversations, ...(others !== undefined && { others }) });
  }

  /** Opens a socket at the server that the API picks, and returns it once it is ready. */
  async connect(): Promise<Socket> {
    const { url, ticket } = await this.do<ConnectResponse>("POST", "/connect");
    const socket = new Socket(url, { ticket });
    await socket.ready();
    return socket;
  }

  /**
   * Opens a socket at a server of choice, where the API would send the person from another continent; with a `host`, there
   * instead of at the API.
   */
  async connectTo(serverId: string, host?: string): Promise<Socket> {
    const { url } = await this.do<ConnectResponse>("POST", "/connect");
    const there = new URL(url.replace(/\/socket\/[^/]+\//, `/socket/${serverId}/`));
    if (host !== undefined) there.host = host;
    const socket = new Socket(there.href, { token: this.session.accessToken });
    await socket.ready();
    return socket;
  }
}

const PASSWORD = "correct horse battery";

async function accepted<Body>(
  url: string,
  method: Method,
  path: string,
  options: { body?: unknown; token?: string },
): Promise<ApiResponse<Body>> {
  const response = await request<Body>(url, method, path, options);
  if (response.status < 400) return response;
  throw new Refused(`${method} ${path}`, response.status, response.body as ProblemDocument);
}
