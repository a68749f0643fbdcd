import { createServer } from "node:net";
import { afterAll, beforeAll, describe, it } from "vitest";
import { type RealPostgres, startRealPostgres } from "../testing/real/postgres.ts";
import { type RealRedis, startRealRedis } from "../testing/real/redis.ts";
import {
  expectRefusal,
  listening,
  PASSWORD,
  startWrongServers,
  unusable,
  type WrongPorts,
} from "../testing/real/refusal.ts";

describe("the gateway names REDIS_URL when", () => {
  let plain: RealRedis;
  let guarded: RealRedis;
  let secure: RealRedis;
  let replica: RealRedis;
  let postgres: RealPostgres;
  let wrong: WrongPorts;
  /** What a Redis of an older version says of itself. */
  const old = createServer((socket) => {
    const info = "redis_version:6.0.16\r\nrole:master\r\n";
    socket.on("data", () => socket.write(`$${info.length}\r\n${info}\r\n`));
    socket.on("error", () => undefined);
  });
  let oldPort: number;
  beforeAll(async () => {
    // So that no gateway makes a database.
    postgres = await startRealPostgres("embedded");
    wrong = await startWrongServers();
    oldPort = await listening(old);
    plain = await startRealRedis();
    const users = [
      "user default off",
      `user edge on >${PASSWORD} ~* +@all -@admin -@dangerous +info`,
      `user reader on >${PASSWORD} ~* +@read +info +select +multi +discard`,
      `user uninformed on >${PASSWORD} ~* +@all -info`,
      `user elsewhere on >${PASSWORD} ~other:* +@all`,
    ];
    guarded = await startRealRedis({ lines: users });
    secure = await startRealRedis({ tls: true });
    replica = await startRealRedis({ lines: [`replicaof 127.0.0.1 ${plain.port}`] });
  });
  afterAll(async () => {
    wrong.close();
    old.close();
    await Promise.all([postgres, plain, guarded, secure, replica].map((server) => server.remove()));
  });

  const login = (user: string, password = PASSWORD) => guarded.url({ user: `${user}:${password}` });
  const at = (port: number) => `redis://edge:${PASSWORD}@127.0.0.1:${port}`;

  it.each<[string, () => string, RegExp]>([
    ["nothing listens there", () => at(wrong.none), /nothing listens at 127\.0\.0\.1:\d+$/],
    [
      "there is no such host",
      () => `redis://edge:${PASSWORD}@no-such-host.invalid`,
      /host.*: no-such-host\.invalid:6379$/,
    ],
    ["nothing replies", () => at(wrong.silent), /does not reply$/],
    ["it is a web server", () => at(wrong.web), /Redis/],
    ["the password is wrong", () => login("edge", "wrong"), /Redis refuses the user or the password$/],
    ["a password is missing", () => guarded.url(), /Redis wants a password$/],
    [
      "TLS is missing",
      () => at(secure.port),
      /has closed the connection; a Redis with TLS has a rediss:\/\/ URL$/,
    ],
    [
      "TLS is not spoken",
      () => at(plain.port).replace("redis:", "rediss:"),
      /does not speak TLS; a Redis without TLS/,
    ],
    [
      "nobody has signed the certificate",
      () => secure.url(),
      /certificate is not trusted \(self-signed certificate\)/,
    ],
    ["the user may only read", () => login("reader"), /lacks a right: .*'set'/],
    ["the user may not ask for INFO", () => login("uninformed"), /lacks a right: .*'info'/],
    ["the user may not use all keys", () => login("elsewhere"), /lacks a right: .*keys/],
    [
      "there is no such database",
      () => plain.url({ database: 99 }),
      /Redis refuses the database 99: ERR DB index/,
    ],
    ["it is a replica", () => replica.url(), /it is a replica, which cannot be written to$/],
    [
      "it is too old",
      () => `redis://127.0.0.1:${oldPort}`,
      /Redis 6\.0\.16 is too old: it must be 7 or newer$/,
    ],
  ])("%s", async (_, url, reason) => {
    await expectRefusal({ REDIS_URL: url(), DATABASE_URL: postgres.url() }, unusable("REDIS_URL", reason));
  });

  it("its certificate file cannot be read", async () => {
    await expectRefusal(
      { REDIS_URL: secure.url(), REDIS_CA_FILE: "/none.pem", DATABASE_URL: postgres.url() },
      /^REDIS_CA_FILE names the file \/none\.pem, which cannot be read$/,
    );
  });
});
