import { z } from "zod";
import { Conversation, SyncResponse } from "../../../schema/wire/conversation.ts";
import type { ConversationId } from "../../../schema/wire/conversation-id.ts";
import { type Direction, Friend, FriendRequest } from "../../../schema/wire/friend.ts";
import { Group, Member } from "../../../schema/wire/group.ts";
import type { FriendRequestId, GroupId, UserId } from "../../../schema/wire/ids.ts";
import type { InviteToken } from "../../../schema/wire/invite.ts";
import { ImageContent } from "../../../schema/wire/media.ts";
import { Message } from "../../../schema/wire/message.ts";
import { MAX_LIMIT, type Page, page } from "../../../schema/wire/page.ts";
import { ConnectResponse } from "../../../schema/wire/socket.ts";
import { User } from "../../../schema/wire/user.ts";
import { type Answer, type Call, callServer } from "./http.ts";
import { ApiProblem } from "./problem.ts";
import type { Session } from "./session.ts";

const Messages = z.object({ items: z.array(Message) });

/** How many members of a group a page holds. */
const MEMBERS = 100;

/** The routes this client uses, each with the shape of its response checked here and nowhere else. */
export class Api {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async connect(): Promise<ConnectResponse> {
    return ConnectResponse.parse(await this.#body({ method: "POST", path: "/connect" }));
  }

  async sync(revs: Record<string, number>, signal: AbortSignal): Promise<SyncResponse> {
    const body = { conversations: revs, others: "latest" };
    return SyncResponse.parse(await this.#body({ method: "POST", path: "/sync", body, signal }));
  }

  async conversations(signal?: AbortSignal): Promise<Conversation[]> {
    return this.#all(Conversation, "/conversations", signal);
  }

  /** The newest messages, in rising seq; fewer than the limit only when these are all. */
  async newestMessages(id: ConversationId, limit: number, signal: AbortSignal): Promise<Message[]> {
    const path = `/conversations/${encodeURIComponent(id)}/messages?limit=${limit}`;
    return Messages.parse(await this.#body({ method: "GET", path, signal })).items;
  }

  /** The messages just before a seq, in rising seq. */
  async messagesBefore(id: ConversationId, before: number, limit: number): Promise<Message[]> {
    const path = `/conversations/${encodeURIComponent(id)}/messages?before=${before}&limit=${limit}`;
    return Messages.parse(await this.#body({ method: "GET", path })).items;
  }

  /** These people, 200 at most; unknown ones are left out. */
  async users(ids: readonly UserId[]): Promise<User[]> {
    return (await this.#page(User, `/users?ids=${ids.join(",")}`)).items;
  }

  async changeMe(change: { username?: string; displayName?: string }): Promise<User> {
    return User.parse(await this.#body({ method: "PATCH", path: "/users/me", body: change }));
  }

  async changeAvatar(image: Blob): Promise<User> {
    return User.parse(await this.#body({ method: "PUT", path: "/users/me/avatar", body: image }));
  }

  /** Uploads an image; returns the content of a message with it. */
  async uploadImage(image: Blob): Promise<ImageContent> {
    return ImageContent.parse(await this.#body({ method: "POST", path: "/images", body: image }));
  }

  async findPeople(query: string, signal: AbortSignal): Promise<Page<User>> {
    return this.#page(User, `/users?query=${encodeURIComponent(query)}`, signal);
  }

  async friends(signal?: AbortSignal): Promise<Friend[]> {
    return this.#all(Friend, "/friends", signal);
  }

  async friendRequests(direction: Direction, signal?: AbortSignal): Promise<FriendRequest[]> {
    return this.#all(FriendRequest, `/friends/requests?direction=${direction}`, signal);
  }

  /** Sends a request; null when the other side had sent one, so that both are friends now. */
  async requestFriend(userId: UserId, note: string): Promise<FriendRequest | null> {
    const body = note === "" ? { userId } : { userId, note };
    const answer = await this.#call({ method: "POST", path: "/friends/requests", body });
    return answer.status === 201 ? FriendRequest.parse(answer.body) : null;
  }

  async acceptFriend(id: FriendRequestId): Promise<Friend> {
    return Friend.parse(await this.#body({ method: "POST", path: `/friends/requests/${id}/accept` }));
  }

  async declineFriend(id: FriendRequestId): Promise<void> {
    await this.#call({ method: "POST", path: `/friends/requests/${id}/decline` });
  }

  async removeFriend(id: UserId): Promise<void> {
    await this.#call({ method: "DELETE", path: `/friends/${id}` });
  }

  async createGroup(name: string, memberIds: readonly UserId[]): Promise<Group> {
    return Group.parse(await this.#body({ method: "POST", path: "/groups", body: { name, memberIds } }));
  }

  async findGroups(query: string, signal: AbortSignal): Promise<Page<Group>> {
    return this.#page(Group, `/groups?query=${encodeURIComponent(query)}`, signal);
  }

  /** A page of a group's members, from the cursor of the page before. */
  async members(id: GroupId, cursor: string | null, signal: AbortSignal): Promise<Page<Member>> {
    const from = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    return this.#page(Member, `/groups/${id}/members?limit=${MEMBERS}${from}`, signal);
  }

  /** Joins; null when an admin has to approve first. */
  async joinGroup(id: GroupId): Promise<Group | null> {
    const answer = await this.#call({ method: "PUT", path: `/groups/${id}/members/me` });
    return answer.status === 200 ? Group.parse(answer.body) : null;
  }

  async invitedGroup(token: InviteToken, signal: AbortSignal): Promise<Group> {
    return Group.parse(await this.#body({ method: "GET", path: `/invites/${token}`, signal }));
  }

  async acceptInvite(token: InviteToken): Promise<Group> {
    return Group.parse(await this.#body({ method: "POST", path: `/invites/${token}/accept` }));
  }

  async leaveGroup(id: GroupId): Promise<void> {
    await this.#call({ method: "DELETE", path: `/groups/${id}/members/me` });
  }

  async #page<Item extends z.ZodType>(
    item: Item,
    path: string,
    signal?: AbortSignal,
  ): Promise<Page<z.output<Item>>> {
    return page(item).parse(await this.#body({ method: "GET", path, signal }));
  }

  /** Every item of a list, page after page: each page's cursor comes with the page before. */
  async #all<Item extends z.ZodType>(
    item: Item,
    path: string,
    signal?: AbortSignal,
  ): Promise<z.output<Item>[]> {
    const items: z.output<Item>[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
      const from = `${path}${path.includes("?") ? "&" : "?"}limit=${MAX_LIMIT}${query}`;
      const next: Page<z.output<Item>> = await this.#page(item, from, signal);
      items.push(...next.items);
      cursor = next.nextCursor;
    } while (cursor !== null);
    return items;
  }

  async #body(call: Call): Promise<unknown> {
    return (await this.#call(call)).body;
  }

  /** Calls as the signed-in person; a token that the server refuses is replaced once. */
  async #call(call: Call): Promise<Answer> {
    const token = await this.#session.accessToken();
    try {
      return await callServer({ ...call, token });
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status !== 401) throw error;
      return callServer({ ...call, token: await this.#session.accessToken(token) });
    }
  }
}
