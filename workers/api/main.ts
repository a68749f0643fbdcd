import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { methodNotAllowed } from "hono/method-not-allowed";
import { Problem } from "../../lib/problem.ts";
import { MAX_OPERATIONS } from "../../schema/wire/operation.ts";
import { MAX_FRAME_BYTES } from "../../schema/wire/socket.ts";
import { clientAddress } from "./client-address.ts";
import { type ApiHono, openApi } from "./context.ts";
import { onError, onMethodNotAllowed, onNotFound, refuseInvalid } from "./errors.ts";
import { describe } from "./openapi.ts";
import { operatorsOnly } from "./ops/gate.ts";
import { operators } from "./ops/routes.ts";
import { auth } from "./routes/auth.ts";
import { avatars } from "./routes/avatars.ts";
import { blockRoutes } from "./routes/blocks.ts";
import { connect } from "./routes/connect.ts";
import { conversationRoutes } from "./routes/conversations.ts";
import { docs } from "./routes/docs.ts";
import { requests } from "./routes/friend-requests.ts";
import { friends } from "./routes/friends.ts";
import { groupRoutes } from "./routes/groups.ts";
import { health } from "./routes/health.ts";
import { history } from "./routes/history.ts";
import { inviteRoutes } from "./routes/invites.ts";
import { joinRequestRoutes } from "./routes/join-requests.ts";
import { mediaRoutes } from "./routes/media.ts";
import { memberRoutes } from "./routes/members.ts";
import { messageSearch } from "./routes/message-search.ts";
import { operationRoutes } from "./routes/operations.ts";
import { pins } from "./routes/pins.ts";
import { profile } from "./routes/profile.ts";
import { deviceSessions } from "./routes/sessions.ts";
import { syncRoutes } from "./routes/sync.ts";
import { uploads } from "./routes/uploads.ts";
import { people } from "./routes/users.ts";
import { securityHeaders } from "./security-headers.ts";

const BASE_PATH = "/api/v1";

/** The largest request body is that of one frame, except on the routes below, and on those of uploads (bytes). */
const limitBody = bodyLimit({ maxSize: MAX_FRAME_BYTES });
const LARGER_BODIES: Record<string, typeof limitBody | undefined> = {
  [`${BASE_PATH}/sync`]: bodyLimit({ maxSize: 1024 * 1024 }),
  [`${BASE_PATH}/operations`]: bodyLimit({ maxSize: MAX_OPERATIONS * MAX_FRAME_BYTES }),
};
/** These read their bodies as they arrive, and keep to limits of their own. */
const UPLOADS = new RegExp(`^${BASE_PATH}/(images|voice|files|(users/me|groups/[^/]+)/avatar)$`);

/** The period of `ADDRESS_LIMIT` (seconds): as in wrangler.toml. */
const ADDRESS_LIMIT_SECONDS = 60;

/** All routes, by noun. The first match wins, so `/users/me` must come before `/users/{userId}`. */
const NOUNS = [
  auth,
  deviceSessions,
  avatars,
  uploads,
  mediaRoutes,
  profile,
  people,
  requests,
  friends,
  blockRoutes,
  groupRoutes,
  memberRoutes,
  joinRequestRoutes,
  inviteRoutes,
  conversationRoutes,
  history,
  messageSearch,
  pins,
  operationRoutes,
  syncRoutes,
  connect,
  health,
  docs,
];

const app = new OpenAPIHono<ApiHono>({ defaultHook: refuseInvalid });

app.onError(onError);
app.notFound(onNotFound);

// The connect layer opens sockets: its response is returned unchanged.
app.all("/socket/*", (context) => context.env.CONNECT.fetch(context.req.raw));

app.use("/api/*", securityHeaders(`${BASE_PATH}/docs`), async (context, next) => {
  await refuseCrowding(context);
  context.set("api", openApi(context.env));
  await next();
  if (!context.res.headers.has("Cache-Control")) context.header("Cache-Control", "no-store");
});

// Before it is known whether a path exists with a method: only operators may know.
app.use(`${BASE_PATH}/ops/*`, operatorsOnly);

app.use("/api/*", methodNotAllowed({ app, onMethodNotAllowed }), (context, next) =>
  UPLOADS.test(context.req.path) ? next() : (LARGER_BODIES[context.req.path] ?? limitBody)(context, next),
);

/** Refuses what comes from an address over the first tier's limit, where there is one. */
async function refuseCrowding(context: Context<ApiHono>): Promise<void> {
  const allowed = await context.env.ADDRESS_LIMIT?.limit({ key: clientAddress(context) });
  if (allowed?.success === false) throw new Problem("rate_limited", { retryAfter: ADDRESS_LIMIT_SECONDS });
}

for (const noun of NOUNS) app.route(BASE_PATH, noun);
app.route(`${BASE_PATH}/ops`, operators);
describe(app, BASE_PATH);

export default app;
