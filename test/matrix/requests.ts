import { randomUUID } from "node:crypto";
import type { SignedIn } from "../../schema/wire/account.ts";
import type { Client } from "../harness/client.ts";
import {
  anotherMember,
  applicant,
  type Caller,
  directWithOwner,
  requestTo,
  text,
  type World,
} from "./world.ts";

/** What a request of the matrix needs beside its route: the values of its path, its query and its body. */
export type Ask = { path?: Record<string, string>; query?: string; body?: unknown; bytes?: Uint8Array };

type Preparation = (world: World, caller: Caller) => Ask | Promise<Ask>;

/** The smallest PNG: one transparent pixel. */
const PNG = Uint8Array.from(
  atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="),
  (letter) => letter.charCodeAt(0),
);

/** What routes need. A route that is not here needs nothing but ids: of the owner, their group and what is in it. */
export const REQUESTS: Record<string, Preparation | undefined> = {
  "POST /auth/register": () => ({
    body: { username: `new-${randomUUID().slice(0, 12)}`, password: "12345678" },
  }),
  "POST /auth/login": ({ people }) => ({ body: { username: people.owner.user.username, password: "wrong" } }),
  "POST /auth/refresh": async (world, caller) => ({ body: { refreshToken: refreshTokenOf(world, caller) } }),
  "DELETE /auth/sessions/{sessionId}": async ({ people }) => ({
    path: { sessionId: await sessionOf(people.owner) },
  }),
  "PUT /users/me/password": () => ({ body: { current: "correct horse battery", next: "another password" } }),
  "PATCH /users/me": () => ({ body: { displayName: "Another" } }),
  "DELETE /users/me": () => ({ body: { password: "correct horse battery" } }),
  "PUT /users/me/avatar": () => ({ bytes: PNG }),
  "GET /users": () => ({ query: "?query=us" }),

  "GET /friends/requests": () => ({ query: "?direction=incoming" }),
  "POST /friends/requests": ({ people }) => ({ body: { userId: people.owner.user.id } }),
  "POST /friends/requests/{requestId}/accept": toOwner,
  "POST /friends/requests/{requestId}/decline": toOwner,
  "DELETE /friends/{userId}": other("friend"),
  "PUT /blocks/{userId}": other("stranger"),
  "DELETE /blocks/{userId}": other("blocked"),

  "POST /groups": () => ({ body: { name: "Another" } }),
  "GET /groups": () => ({ query: "?query=matrix" }),
  "PATCH /groups/{groupId}": () => ({ body: { description: "About nothing" } }),
  "PUT /groups/{groupId}/avatar": () => ({ bytes: PNG }),
  "POST /groups/{groupId}/members": async ({ people }, caller) => ({
    body: { userIds: [await newFriendOf(caller === "nobody" ? people.owner : people[caller])] },
  }),
  "PATCH /groups/{groupId}/members/{userId}": async (world) => ({
    path: { userId: (await anotherMember(world)).user.id },
    body: { mutedUntil: "2999-01-01T00:00:00.000Z" },
  }),
  "DELETE /groups/{groupId}/members/{userId}": async (world) => ({
    path: { userId: (await anotherMember(world)).user.id },
  }),
  "POST /groups/{groupId}/requests/{userId}/accept": async (world) => ({
    path: { userId: (await applicant(world)).user.id },
  }),
  "POST /groups/{groupId}/requests/{userId}/decline": async (world) => ({
    path: { userId: (await applicant(world)).user.id },
  }),
  "POST /groups/{groupId}/invites": () => ({ body: {} }),
  "DELETE /groups/{groupId}/invites/{inviteId}": async (world) => ({
    path: { inviteId: (await inviteOf(world)).id },
  }),
  "GET /invites/{token}": async (world) => ({ path: { token: (await inviteOf(world)).token } }),
  "POST /invites/{token}/accept": async (world) => ({ path: { token: (await inviteOf(world)).token } }),

  "PATCH /conversations/{conversationId}": () => ({ body: { pinned: true } }),
  "PUT /conversations/{conversationId}/read": () => ({ body: { seq: 1 } }),
  "GET /search/messages": () => ({ query: "?query=hello" }),
  "POST /messages": ({ conversation }) => ({ body: { conversation, ...text() } }),
  "POST /operations": ({ conversation }) => ({
    body: { operations: [{ op: "send", conversation, ...text() }] },
  }),
  "POST /sync": () => ({ body: { conversations: {} } }),
  "POST /images": () => ({ bytes: PNG }),
  "POST /voice": () => ({ bytes: PNG }),
  "POST /files": () => ({ query: "?name=note.txt", bytes: new TextEncoder().encode("hello") }),
  "GET /media/{mediaId}": async ({ people, url }) => {
    const { session } = people.owner;
    const response = await fetch(`${url}/api/v1/images`, {
      method: "POST",
      body: PNG,
      headers: { authorization: `Bearer ${session.accessToken}` },
    });
    const content = (await response.json()) as { url: string };
    return { path: { mediaId: content.url.slice(content.url.lastIndexOf("/") + 1) } };
  },
};

/** The operations and signals of the matrix, by what they do; each is one frame. */
export const OPERATIONS: Record<string, (world: World, caller: Caller) => object> = {
  "send in the group": ({ conversation }) => ({ op: "send", conversation, ...text() }),
  "send to the owner": (world, caller) => ({
    op: "send",
    conversation: directWithOwner(world, caller),
    ...text(),
  }),
  "send with a mention of all": ({ conversation }) => ({
    op: "send",
    conversation,
    ...text(),
    mentions: "all",
  }),
  "send with a reply": ({ conversation, messages }) => ({
    op: "send",
    conversation,
    ...text(),
    replyTo: messages.owner,
  }),
  "forward from the group": (world, caller) => ({
    op: "send",
    conversation: directWithOwner(world, caller),
    clientId: randomUUID(),
    forwardOf: { conversation: world.conversation, id: world.messages.owner },
  }),
  "edit one's own": change("edit", { content: { type: "text", text: "edited" } }),
  "edit another's": change("edit", { content: { type: "text", text: "edited" } }, "other"),
  "recall one's own": change("recall", {}),
  "recall another's": change("recall", {}, "other"),
  react: change("react", { emoji: "👍", on: true }, "other"),
  pin: change("pin", { on: true }, "other"),
  read: ({ conversation }) => ({ op: "read", conversation, seq: 1 }),
  typing: ({ conversation }) => ({ op: "typing", conversation }),
};

function change(op: string, fields: object, whose: "own" | "other" = "own") {
  return ({ conversation, messages }: World, caller: Caller) => {
    const own = messages[caller === "nobody" ? "owner" : caller];
    const others = caller === "owner" ? messages.admin : messages.owner;
    return { op, conversation, clientId: randomUUID(), messageId: whose === "own" ? own : others, ...fields };
  };
}

/** The owner names somebody; everybody else names the owner. */
function other(ofOwner: "friend" | "stranger" | "blocked"): Preparation {
  return ({ people }, caller) => ({
    path: { userId: (caller === "owner" ? people[ofOwner] : people.owner).user.id },
  });
}

async function toOwner({ people }: World): Promise<Ask> {
  return { path: { requestId: (await requestTo(people.owner)).id } };
}

async function newFriendOf(client: Client): Promise<string> {
  const { from } = await requestTo(client);
  const { items } = await client.do<{ items: { id: string; from: { id: string } }[] }>(
    "GET",
    "/friends/requests?direction=incoming&limit=200",
  );
  const request = items.find((open) => open.from.id === from.id);
  await client.do("POST", `/friends/requests/${request?.id}/accept`);
  return from.id;
}

async function sessionOf(client: Client): Promise<string> {
  const { items } = await client.do<{ items: { id: string }[] }>("GET", "/auth/sessions");
  return items[0]?.id ?? "";
}

function inviteOf({ people, group }: World): Promise<{ id: string; token: string }> {
  return people.owner.do("POST", `/groups/${group.id}/invites`, {});
}

function refreshTokenOf({ people }: World, caller: Caller): string {
  const session: SignedIn | undefined = caller === "nobody" ? undefined : people[caller].session;
  return session?.refreshToken ?? "nonsense";
}
