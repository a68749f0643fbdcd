import { createHash, randomBytes } from "node:crypto";
import { OpenAPIHono } from "@hono/zod-openapi";
import { bucketOf } from "../../../lib/connect-servers.ts";
import { redisKeys } from "../../../lib/redis-keys.ts";
import { bucketAddress } from "../../../schema/internal/bucket-address.ts";
import { TICKET_LIFE_MS, type Ticket } from "../../../schema/internal/ticket.ts";
import { ConnectResponse } from "../../../schema/wire/socket.ts";
import type { ApiHono } from "../context.ts";
import { pickServer } from "../pick-server.ts";
import { json, route } from "../route.ts";

/** Tickets for sockets. */
export const connect = new OpenAPIHono<ApiHono>();

connect.openapi(
  route({
    method: "post",
    path: "/connect",
    tags: ["Socket"],
    summary: "Get a ticket for a socket",
    description:
      "The socket is opened at `url` with the subprotocols `im.v1` and `ticket.<ticket>`. A ticket opens one socket, until `expiresAt`.",
    responses: { 201: json(ConnectResponse, "Where and with what to open the socket") },
  }),
  async (context) => {
    const { api, caller } = context.var;
    const { CONNECT_SERVERS, BUCKETS_PER_SERVER } = api.settings;
    const { serverId } = pickServer(CONNECT_SERVERS, caller.userId, continentOf(context.req.raw));
    const bucket = bucketOf(caller.userId, BUCKETS_PER_SERVER);

    const secret = randomBytes(32).toString("base64url");
    const hash = createHash("sha256").update(secret).digest("hex");
    const ticket: Ticket = { ...caller, address: bucketAddress(serverId, bucket) };
    const expiresAt = new Date(Date.now() + TICKET_LIFE_MS).toISOString();
    await api.redis.set(redisKeys.ticket(hash), JSON.stringify(ticket), { px: TICKET_LIFE_MS });

    const { protocol, host } = new URL(context.req.url);
    const url = `${protocol === "https:" ? "wss" : "ws"}://${host}/socket/${serverId}/${bucket}`;
    return context.json({ url, ticket: secret, serverId, bucket, expiresAt }, 201);
  },
);

/** The continent of the request, if Cloudflare knows it. */
function continentOf(request: Request): string | undefined {
  const place: unknown = request.cf?.continent;
  return typeof place === "string" ? place : undefined;
}
