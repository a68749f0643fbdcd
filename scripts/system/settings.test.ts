import { describe, expect, it } from "vitest";
import { describeSettings, readSettings, Settings, systemAddress } from "./settings.ts";

describe("settings", () => {
  it("have defaults, and treat an empty variable as unset", () => {
    const settings = readSettings({ PORT: "", HOST: "" });
    expect(settings).toMatchObject({ PORT: 8787, HOST: "127.0.0.1", DATA_DIR: ".data", CRON_SECONDS: 60 });
    expect(settings.PUSH_RATE).toBeUndefined();
  });

  it.each([
    ["PORT", "http", "PORT must be a whole number"],
    ["PORT", "70000", "PORT must be at most 65535"],
    ["CRON_SECONDS", "0", "CRON_SECONDS must be at least 1"],
    ["RATE_LIMIT_LOGIN", "many", "RATE_LIMIT_LOGIN must be a count, or a count/seconds like 10/900"],
    ["RATE_LIMIT_API", "0", "RATE_LIMIT_API must be a count"],
    ["PASSWORD_COST", "1000", "PASSWORD_COST must be a power of two"],
    ["CONNECT_SERVERS", "eu=mars", "CONNECT_SERVERS must be server ids"],
    ["ALLOWED_ORIGINS", "https://a.example/path", "ALLOWED_ORIGINS must be origins"],
    ["LOG_LEVEL", "loud", "LOG_LEVEL must be debug, info, warn or error"],
    ["KAFKA_BROKERS", "kafka", "KAFKA_BROKERS must be addresses like kafka-1:9092"],
    ["TOPIC_LAYOUT", "0", "TOPIC_LAYOUT must be object, or a number of topics"],
    ["REDIS_URL", "redis://redis/zero", "REDIS_URL must be a redis:// or rediss:// URL"],
    ["DATABASE_URL", "mysql://db", "DATABASE_URL must be a postgresql:// URL"],
    ["DATABASE_CONNECTIONS", "none", "DATABASE_CONNECTIONS must be a whole number"],
  ])("complain about %s=%s", (name, value, complaint) => {
    expect(() => readSettings({ [name]: value })).toThrow(complaint);
  });

  it("complain about all bad values at once", () => {
    expect(() => readSettings({ PORT: "x", LOG_LEVEL: "y" })).toThrow(/PORT .*\nLOG_LEVEL /);
  });

  it("are all in the documented list, each with its meaning", () => {
    const lines = describeSettings().split("\n");
    expect(lines.map((line) => line.split(" ")[0])).toEqual(Object.keys(Settings.shape));
    for (const setting of Object.values(Settings.shape)) expect(setting.description).toMatch(/\.$/);
  });
});

describe("the system's address", () => {
  it.each([
    ["127.0.0.1", "http://127.0.0.1:8787"],
    ["0.0.0.0", "http://127.0.0.1:8787"],
    ["::1", "http://[::1]:8787"],
    ["192.168.1.5", "http://192.168.1.5:8787"],
  ])("when it listens on %s is %s", (HOST, address) => {
    expect(systemAddress(readSettings({ HOST }))).toBe(address);
  });
});
