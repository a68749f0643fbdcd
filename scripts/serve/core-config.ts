import type { Assets } from "../../workers/serve/asset-list.ts";
import { WEB_CLIENT } from "../system/web-client.ts";
import { bucketsService } from "./buckets-service.ts";
import { type CapnpValue, workerdConfig } from "./capnp.ts";
import { type Installation, linkOf, mediaFolder, objectsFolder } from "./installation.ts";
import { mediaServices, s3Of } from "./media-services.ts";
import { type LayerConfig, queueService, readLayerConfig } from "./platform-config.ts";
import { queueWorker } from "./queue-service.ts";
import { connectRole } from "./roles.ts";
import { diskService, peerService, peerSocket, serverService, workerService } from "./services.ts";

/** The flag with which a Worker may call the handlers of cron and queues over a service binding. */
const EXTRA_HANDLERS = "service_binding_extra_handlers";

const OBJECTS = "objects";
const GATEWAY = "gateway";

/**
 * The configuration of the process that runs API, logic and task. Of connect it runs the part that holds no sockets, unless it
 * is the only process: then all of it.
 */
export async function coreConfig(installation: Installation, assets: Assets): Promise<string> {
  const { settings, roles, bundles, values, gateway } = installation;
  const link = linkOf(installation);
  const outbound = GATEWAY;
  const [api, logic, task, connect] = await Promise.all([
    readLayerConfig("api", values),
    readLayerConfig("logic", values),
    readLayerConfig("task", values),
    readLayerConfig("connect", values),
  ]);
  const caller = { compatibility: withFlag(logic.compatibility) };
  const behindProxy = settings.TRUSTED_PROXY === "on";
  return workerdConfig({
    logging: { structuredLogging: true },
    services: [
      workerService("api", {
        ...{ code: bundles.front, layer: api, outbound },
        bindings: [
          { name: "ASSETS", json: JSON.stringify(assets) },
          { name: "ASSET_FILES", service: "assets" },
          { name: "TRUSTED_PROXY", text: settings.TRUSTED_PROXY },
          { name: "ADDRESS_LIMIT", text: String(settings.ADDRESS_LIMIT ?? "") },
        ],
      }),
      workerService("logic", { code: bundles.logic, layer: logic, outbound }),
      workerService("task", { code: bundles.task, layer: task, outbound }),
      connectService(installation, connect),
      workerService("control", {
        ...{ code: bundles.control, layer: caller, outbound },
        bindings: [
          { name: "TASK", service: "task" },
          ...(roles.whole ? [{ name: "CONNECT", service: { name: "connect", entrypoint: "Control" } }] : []),
        ],
      }),
      ...task.consumers.map((consumer) =>
        queueWorker({
          ...{
            name: queueService(consumer.queue),
            code: bundles.queue,
            layer: caller,
            disk: OBJECTS,
            outbound,
          },
          ...{ consumer, service: "task" },
        }),
      ),
      ...mediaServices({
        ...{ code: bundles.media, layer: { compatibility: logic.compatibility }, disk: OBJECTS },
        ...{ folder: mediaFolder(installation), s3: s3Of(settings) },
      }),
      diskService("assets", WEB_CLIENT, { writable: false }),
      diskService(OBJECTS, objectsFolder(installation, "core"), { writable: true }),
      serverService(GATEWAY, gateway),
      ...(roles.whole ? [] : roles.serverIds).map((id) =>
        peerService(connectRole(id), roles.addressOf(connectRole(id)), link),
      ),
    ],
    sockets: [
      {
        ...{ name: "public", address: `${hostOf(settings.HOST)}:${settings.PORT}`, service: "api" },
        http: behindProxy ? { forwardedProtoHeader: "X-Forwarded-Proto" } : {},
      },
      ...(roles.whole ? [] : [peerSocket("core", roles.addressOf("core"), "logic", link)]),
      { name: "control", address: `unix:${roles.controlOf("core")}`, http: {}, service: "control" },
    ],
  });
}

/** Connect with its buckets, or with a port to the process of each server. */
function connectService({ roles, bundles, key }: Installation, layer: LayerConfig): CapnpValue {
  const outbound = GATEWAY;
  if (roles.whole)
    return bucketsService({ code: bundles["connect-server"], layer, outbound, key, disk: OBJECTS });
  return workerService("connect", {
    ...{ code: bundles.connect, layer, outbound },
    bindings: roles.serverIds.map((id) => ({ name: `PORT_${id}`, service: connectRole(id) })),
  });
}

function withFlag({
  compatibilityDate,
  compatibilityFlags,
}: LayerConfig["compatibility"]): LayerConfig["compatibility"] {
  return { compatibilityDate, compatibilityFlags: [...compatibilityFlags, EXTRA_HANDLERS] };
}

function hostOf(host: string): string {
  return host.includes(":") ? `[${host}]` : host;
}
