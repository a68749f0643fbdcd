import { z } from "zod";
import { type Clients, clientsOf } from "../../lib/clients.ts";
import { BucketsPerServer, ConnectServers } from "../../lib/connect-servers.ts";
import { environment } from "../../lib/environment.ts";
import { type JwtSecrets, JwtSettings, jwtSecrets } from "../../lib/jwt-secrets.ts";
import { AllowedOrigins } from "../../lib/origin.ts";
import { forEachLimit, RATE_LIMITS, RateLimit as RateLimitSetting } from "../../lib/rate-limits.ts";
import type { ConnectRpc } from "../../lib/rpc/connect.ts";
import type { LogicRpc } from "../../lib/rpc/logic.ts";
import type { TaskRpc } from "../../lib/rpc/task.ts";
import { SnowflakeLease } from "../../lib/snowflake-lease.ts";
import { PasswordCost } from "./password.ts";

/** What wrangler binds to the API Worker. */
export interface ApiEnv {
  LOGIC: LogicRpc;
  TASK: Pick<TaskRpc, "health">;
  CONNECT: Pick<ConnectRpc, "health"> & { fetch(request: Request): Promise<Response> };
  /** What people have uploaded. */
  MEDIA: R2Bucket;
  /** Makes smaller pictures, where the platform can. */
  IMAGES?: ImagesBinding;
  /** The first tier of limits; not everywhere. */
  ADDRESS_LIMIT?: RateLimit;
}

const Settings = JwtSettings.extend({
  CONNECT_SERVERS: ConnectServers,
  BUCKETS_PER_SERVER: BucketsPerServer,
  PASSWORD_COST: PasswordCost,
  ALLOWED_ORIGINS: AllowedOrigins,
  SESSION_DAYS: z.coerce.number().int().min(1).max(3_650).default(60),
  ...forEachLimit((name) => RateLimitSetting.prefault(RATE_LIMITS[name].production)),
});

/** The clients, RPC layers and settings that routes use. */
export type Api = Clients & {
  settings: z.output<typeof Settings>;
  jwtSecrets: JwtSecrets;
  snowflakes: SnowflakeLease;
  logic: LogicRpc;
  task: ApiEnv["TASK"];
  connect: ApiEnv["CONNECT"];
  media: R2Bucket;
  images: ImagesBinding | undefined;
};

/** The types of Hono's context: routes find the `Api` under `context.var.api`. */
export type ApiHono = { Bindings: ApiEnv; Variables: { api: Api } };

const settingsOf = environment(Settings);

const snowflakes = new SnowflakeLease();

const clients = clientsOf("api");

/** The `Api` of one request. */
export function openApi(env: ApiEnv): Api {
  const { LOGIC: logic, TASK: task, CONNECT: connect, MEDIA: media, IMAGES: images } = env;
  const settings = settingsOf(env);
  return {
    ...clients(env),
    settings,
    jwtSecrets: jwtSecrets(settings),
    snowflakes,
    logic,
    task,
    connect,
    media,
    images,
  };
}
