import { createHmac } from "node:crypto";
import { bucketsService } from "./buckets-service.ts";
import { type CapnpValue, workerdConfig } from "./capnp.ts";
import { type Installation, linkOf, objectsFolder } from "./installation.ts";
import { s3Of } from "./media-services.ts";
import { readLayerConfig } from "./platform-config.ts";
import { connectRole } from "./roles.ts";
import { diskService, peerService, peerSocket, serverService } from "./services.ts";

/** The configuration of the process of one connect server: its buckets, with their sockets. */
export async function connectConfig(installation: Installation, serverId: string): Promise<string> {
  const { settings, roles, bundles, values, gateway, key } = installation;
  const link = linkOf(installation);
  const role = connectRole(serverId);
  // It knows no other server: sockets for those are not found here.
  const layer = await readLayerConfig("connect", { ...values, CONNECT_SERVERS: serverId });
  const direct = settings.SOCKET_ADDRESSES[serverId];
  const http = settings.TRUSTED_PROXY === "on" ? { forwardedProtoHeader: "X-Forwarded-Proto" } : {};
  const cluster = clusterOf(installation, serverId);
  return workerdConfig({
    logging: { structuredLogging: true },
    ...(cluster !== undefined && { cluster }),
    services: [
      bucketsService({
        ...{ code: bundles["connect-server"], layer, outbound: "gateway", key, disk: "objects" },
      }),
      diskService("objects", objectsFolder(installation, role), { writable: true }),
      serverService("gateway", gateway),
      peerService("logic", roles.addressOf("core"), link),
    ],
    sockets: [
      peerSocket(role, roles.addressOf(role), { name: "connect", entrypoint: "BucketPort" }, link),
      {
        ...{ name: "control", address: `unix:${roles.controlOf(role)}`, http: {} },
        service: { name: "connect", entrypoint: "Control" },
      },
      ...(direct === undefined ? [] : [{ name: "sockets", address: direct, http, service: "connect" }]),
    ],
  });
}

/** The cluster of a server's processes on several machines: each bucket is in one of them, and moves when that one is gone. */
function clusterOf({ settings, key }: Installation, serverId: string): CapnpValue | undefined {
  const { CLUSTER_BUCKET, CLUSTER_ADDRESSES } = settings;
  const s3 = s3Of(settings);
  const address = CLUSTER_ADDRESSES[serverId];
  if (CLUSTER_BUCKET === undefined || address === undefined || s3 === null) return undefined;
  return {
    ...{ bucket: `${CLUSTER_BUCKET}/${serverId}`, address },
    // workerd takes no key under 32 bytes, which INTERNAL_KEY may have.
    key: createHmac("sha256", key).update("cluster").digest("hex"),
    bucketOptions: [
      `aws_endpoint=${s3.endpoint}`,
      `aws_region=${s3.region}`,
      `aws_access_key_id=${s3.accessKeyId}`,
      `aws_secret_access_key=${s3.secretAccessKey}`,
    ],
  };
}
