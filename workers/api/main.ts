import { OpenAPIHono } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { methodNotAllowed } from "hono/method-not-allowed";
import { secureHeaders } from "hono/secure-headers";
import { type ApiHono, openApi } from "./context.ts";
import { onError, onMethodNotAllowed, onNotFound, refuseInvalid } from "./errors.ts";
import { describe } from "./openapi.ts";
import { auth } from "./routes/auth.ts";
import { connect } from "./routes/connect.ts";
import { conversationRoutes } from "./routes/conversations.ts";
import { requests } from "./routes/friend-requests.ts";
import { friends } from "./routes/friends.ts";
import { groupRoutes } from "./routes/groups.ts";
import { health } from "./routes/health.ts";
import { history } from "./routes/history.ts";
import { memberRoutes } from "./routes/members.ts";
import { messageRoutes } from "./routes/messages.ts";
import { profile } from "./routes/profile.ts";
import { deviceSessions } from "./routes/sessions.ts";
import { syncRoutes } from "./routes/sync.ts";
import { people } from "./routes/users.ts";

const BASE_PATH = "/api/v1";

/** The largest body of a request; one that names all the conversations of a device may be larger. */
const limitBody = bodyLimit({ maxSize: 64 * 1024 });
const limitSync = bodyLimit({ maxSize: 1024 * 1024 });

/** Every noun of the API; `/users/me` comes before `/users/{userId}`. */
const NOUNS = [
  auth,
  deviceSessions,
  profile,
  people,
  requests,
  friends,
  groupRoutes,
  memberRoutes,
  conversationRoutes,
  history,
  messageRoutes,
  syncRoutes,
  connect,
  health,
];

const app = new OpenAPIHono<ApiHono>({ defaultHook: refuseInvalid });

app.onError(onError);
app.notFound(onNotFound);

// Sockets are the connect layer's: its answer goes back untouched.
app.all("/socket/*", (context) => context.env.CONNECT.fetch(context.req.raw));

app.use(
  "/api/*",
  secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    xFrameOptions: "DENY",
  }),
  async (context, next) => {
    context.set("api", openApi(context.env));
    await next();
    context.header("Cache-Control", "no-store");
  },
  methodNotAllowed({ app, onMethodNotAllowed }),
  (context, next) => (context.req.path === `${BASE_PATH}/sync` ? limitSync : limitBody)(context, next),
);

for (const noun of NOUNS) app.route(BASE_PATH, noun);
describe(app, BASE_PATH);

export default app;
