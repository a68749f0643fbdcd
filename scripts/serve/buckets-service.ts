import type { CapnpValue } from "./capnp.ts";
import type { LayerConfig } from "./platform-config.ts";
import { objects, workerService } from "./services.ts";

/** Connect with its buckets on a disk, and the key by which it knows the other processes. */
export function bucketsService({
  code,
  layer,
  outbound,
  key,
  disk,
}: {
  code: string;
  layer: LayerConfig;
  outbound: string;
  key: string;
  disk: string;
}): CapnpValue {
  return workerService("connect", {
    ...{ code, layer, outbound },
    bindings: [
      { name: "BUCKETS", durableObjectNamespace: "Bucket" },
      { name: "INTERNAL_KEY", text: key },
    ],
    ...objects("Bucket", "edge-im-buckets", disk),
  });
}
