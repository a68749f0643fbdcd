import type { CapnpValue } from "./capnp.ts";
import { type LayerConfig, MEDIA_SERVICE } from "./platform-config.ts";
import { diskService, objects, serverService, workerService } from "./services.ts";
import type { ServeSettings } from "./settings.ts";

/** An S3-compatible server with a bucket: see `S3Settings` of the Worker. */
export type S3 = {
  endpoint: string;
  bucket: string;
  region: string;
  accessKeyId: string;
  secretAccessKey: string;
};

const FILES = "media-files";
const SERVER = "s3";

/** The S3-compatible server that the settings name, if they do. */
export function s3Of(settings: ServeSettings): S3 | null {
  const { S3_ENDPOINT: endpoint, S3_BUCKET: bucket, S3_REGION: region } = settings;
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = settings;
  if (!endpoint || !bucket || !accessKeyId || !secretAccessKey) return null;
  return { endpoint, bucket, region, accessKeyId, secretAccessKey };
}

/** What is behind R2 bindings: a folder with a catalogue among the Durable Objects of a disk, or a server. */
export function mediaServices({
  code,
  layer,
  folder,
  disk,
  s3,
}: {
  code: string;
  layer: Pick<LayerConfig, "compatibility">;
  folder: string;
  disk: string;
  s3: S3 | null;
}): CapnpValue[] {
  return [
    workerService(MEDIA_SERVICE, {
      ...{ code, layer, outbound: s3 === null ? FILES : SERVER },
      bindings: [
        { name: "FILES", service: FILES },
        { name: "CATALOGUE", durableObjectNamespace: "Catalogue" },
        ...(s3 === null ? [] : [{ name: "S3", json: JSON.stringify(s3) }]),
      ],
      ...objects("Catalogue", MEDIA_SERVICE, disk),
    }),
    diskService(FILES, folder, { writable: true }),
    ...(s3 === null ? [] : [serverService(SERVER, new URL(s3.endpoint))]),
  ];
}
