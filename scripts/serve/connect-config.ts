import { bucketsService } from "./buckets-service.ts";
import { workerdConfig } from "./capnp.ts";
import { type Installation, linkOf, objectsFolder } from "./installation.ts";
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
  return workerdConfig({
    logging: { structuredLogging: true },
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
