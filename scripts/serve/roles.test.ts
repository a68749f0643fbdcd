import { describe, expect, it } from "vitest";
import { connectRole, rolesOf } from "./roles.ts";
import { readServeSettings } from "./settings.ts";

const roles = (env: Record<string, string>, dataDir = "/data") =>
  rolesOf(readServeSettings({ CONNECT_SERVERS: "eu=weur,us", ...env }), dataDir);

describe("the roles of a machine", () => {
  it("are all of them, joined by Unix sockets, unless settings say otherwise", () => {
    const { core, apart, addressOf } = roles({});
    expect({ core, apart }).toEqual({ core: true, apart: ["eu", "us"] });
    expect(addressOf("core")).toBe("unix:/data/run/core");
    expect(addressOf(connectRole("eu"))).toBe("unix:/data/run/connect-eu");
  });

  it("find the others at the addresses that settings name, and take calls at their own", () => {
    const SERVE_ADDRESSES = "core=10.0.0.1:9000,us=[fd00::2]:9001";
    const here = roles({ SERVE_CONNECT: "eu", SERVE_ADDRESSES });
    expect(here.addressOf("core")).toBe("10.0.0.1:9000");
    expect(here.addressOf(connectRole("eu"))).toBe("unix:/data/run/connect-eu");
    expect(here.addressOf(connectRole("us"))).toBe("[fd00::2]:9001");
    const there = roles({ SERVE_CORE: "off", SERVE_CONNECT: "us", SERVE_ADDRESSES });
    expect({ core: there.core, apart: there.apart }).toEqual({ core: false, apart: ["us"] });
  });

  it.each([
    [{ SERVE_CONNECT: "eu" }, "SERVE_ADDRESSES must name us, which does not run on this machine"],
    [{ SERVE_CORE: "off" }, "SERVE_ADDRESSES must name core, which does not run on this machine"],
    [{ SERVE_CONNECT: "asia" }, "SERVE_CONNECT names asia, which CONNECT_SERVERS does not"],
    [{ SERVE_ADDRESSES: "eu" }, "SERVE_ADDRESSES must be names with addresses, like core=10.0.0.1:9000"],
    [{ SOCKET_ADDRESSES: "core=1.2.3.4:5" }, "SOCKET_ADDRESSES names core, which CONNECT_SERVERS does not"],
    [
      { SERVE_PROCESSES: "one", SERVE_CONNECT: "eu" },
      "SERVE_PROCESSES must be split when SERVE_CONNECT is set",
    ],
    [{ GATEWAY_URL: "gateway" }, "GATEWAY_URL must be a URL like http://10.0.0.1:8790"],
    [{ S3_ENDPOINT: "https://s3.example.org" }, "S3_BUCKET must be set when S3_ENDPOINT is"],
    [
      { CLUSTER_BUCKET: "s3://edge-im/cluster", SERVE_PROCESSES: "one" },
      "SERVE_PROCESSES must be split when CLUSTER_BUCKET is set",
    ],
    [{ CLUSTER_BUCKET: "s3://edge-im/cluster" }, "CLUSTER_BUCKET needs S3_ENDPOINT"],
    [
      { CLUSTER_BUCKET: "s3://edge-im/cluster", CLUSTER_ADDRESSES: "eu=10.0.0.1:7000" },
      "CLUSTER_ADDRESSES must name each connect server of this machine when CLUSTER_BUCKET is set",
    ],
    [
      { CLUSTER_BUCKET: "s3://edge-im", S3_ENDPOINT: "https://s3.example.org/path" },
      "S3_ENDPOINT must have no path when CLUSTER_BUCKET is set",
    ],
  ])("refuse %o", (env, complaint) => {
    expect(() => roles(env)).toThrow(complaint);
  });

  it("refuse a data folder whose path is too long for sockets", () => {
    expect(() => roles({}, `/${"x".repeat(100)}`).controlOf("core")).toThrow("DATA_DIR is too long");
  });

  it("are one process when the settings say so", () => {
    expect(roles({ SERVE_PROCESSES: "one" })).toMatchObject({
      ...{ core: true, whole: true, apart: [], serverIds: ["eu", "us"] },
    });
  });
});
