import { upgradeRequest } from "../../durable-objects/upgrade.ts";
import { type Caller, verifyAccessToken } from "../../lib/access-token.ts";
import { bucketOf } from "../../lib/connect-servers.ts";
import { originAllowed } from "../../lib/origin.ts";
import { Problem } from "../../lib/problem.ts";
import { redisKeys } from "../../lib/redis-keys.ts";
import { type BucketAddress, bucketAddress } from "../../schema/internal/bucket-address.ts";
import { Ticket } from "../../schema/internal/ticket.ts";
import { SUBPROTOCOL, TICKET_PREFIX } from "../../schema/wire/socket.ts";
import { bucketStub } from "./buckets.ts";
import type { Connect } from "./context.ts";

const PATH = /^\/socket\/([a-z0-9-]{1,32})\/(0|[1-9][0-9]{0,5})$/;
const BEARER = /^Bearer +([\w.~+/-]+=*) *$/i;

/** `GET /socket/<serverId>/<bucket>`: passes an authorised request on to the bucket. Throws a `Problem` otherwise. */
export async function openSocket(connect: Connect, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const place = placeOf(connect, url.pathname);
  if (request.headers.get("Upgrade")?.toLowerCase() !== "websocket") throw new Problem("upgrade_required");
  if (!originAllowed(request.headers.get("Origin"), url.host, connect.allowedOrigins)) {
    throw new Problem("origin_not_allowed");
  }
  const protocols = offeredProtocols(request);
  if (!protocols.includes(SUBPROTOCOL)) {
    throw new Problem("invalid_request", { detail: `The subprotocol ${SUBPROTOCOL} must be offered` });
  }
  const caller = await callerOf(connect, request, protocols, place);
  return await bucketStub(connect, place.address).fetch(upgradeRequest(caller));
}

type Place = { address: BucketAddress; bucket: number };

function placeOf({ servers, bucketsPerServer }: Connect, path: string): Place {
  const [, serverId, bucketText] = PATH.exec(path) ?? [];
  const bucket = Number(bucketText);
  if (serverId === undefined || bucket >= bucketsPerServer) throw new Problem("not_found");
  if (!servers.some((server) => server.serverId === serverId)) throw new Problem("not_found");
  return { address: bucketAddress(serverId, bucket), bucket };
}

function offeredProtocols(request: Request): string[] {
  const offered = request.headers.get("Sec-WebSocket-Protocol") ?? "";
  return offered.split(",").map((protocol) => protocol.trim());
}

/** Who opens the socket, by a ticket for this bucket or by the bearer token of a user who belongs to it. */
async function callerOf(
  connect: Connect,
  request: Request,
  protocols: string[],
  place: Place,
): Promise<Caller> {
  const ticket = protocols.find((protocol) => protocol.startsWith(TICKET_PREFIX));
  const caller =
    ticket === undefined
      ? await bearer(connect, request, place)
      : await redeem(connect, ticket.slice(TICKET_PREFIX.length), place);
  if ((await connect.redis.get(redisKeys.endedSession(caller.sessionId))) !== null) {
    throw new Problem("unauthenticated");
  }
  return caller;
}

/** The caller a ticket was issued to. The ticket is spent, also when it is refused. */
async function redeem({ redis }: Connect, ticket: string, { address }: Place): Promise<Caller> {
  const text = await redis.getdel<string>(redisKeys.ticket(await sha256Hex(ticket)));
  if (text === null) throw new Problem("invalid_ticket");
  const { userId, sessionId, address: issuedFor } = Ticket.parse(JSON.parse(text));
  if (issuedFor !== address) throw new Problem("invalid_ticket");
  return { userId, sessionId };
}

async function bearer(connect: Connect, request: Request, { bucket }: Place): Promise<Caller> {
  const token = BEARER.exec(request.headers.get("Authorization") ?? "")?.[1];
  const caller = token === undefined ? null : await verifyAccessToken(connect.jwtSecrets, token);
  if (caller === null || bucketOf(caller.userId, connect.bucketsPerServer) !== bucket) {
    throw new Problem("unauthenticated");
  }
  return caller;
}

async function sha256Hex(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
