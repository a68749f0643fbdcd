import type { CapnpValue } from "./capnp.ts";
import type { Consumer, LayerConfig } from "./platform-config.ts";
import { objects, workerService } from "./services.ts";

/** A queue and its consumer: messages are kept among the Durable Objects of a disk until the consumer has taken them. */
export function queueWorker({
  name,
  code,
  layer,
  disk,
  outbound,
  consumer,
  service,
}: {
  name: string;
  code: string;
  layer: Pick<LayerConfig, "compatibility">;
  disk: string;
  outbound: string;
  consumer: Consumer;
  /** The service that consumes it. */
  service: string;
}): CapnpValue {
  return workerService(name, {
    ...{ code, layer, outbound },
    bindings: [
      { name: "MESSAGES", durableObjectNamespace: "Messages" },
      { name: "SETTINGS", json: JSON.stringify(consumer) },
      { name: "CONSUMER", service },
    ],
    ...objects("Messages", name, disk),
  });
}
