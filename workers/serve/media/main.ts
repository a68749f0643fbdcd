import type { Catalogue } from "./catalogue.ts";
import { DiskStore } from "./disk-store.ts";
import {
  type Command,
  errorResponse,
  listResponse,
  objectResponse,
  readCommand,
  resultResponse,
} from "./protocol.ts";
import { R2Error } from "./r2-error.ts";
import { rangeOfHeader } from "./range.ts";
import { S3Settings, S3Store } from "./s3-store.ts";
import type { Body, ObjectStore } from "./store.ts";

export { Catalogue } from "./catalogue.ts";

type MediaEnv = {
  /** The folder with the bytes, and the list of what is in it. */
  FILES: Fetcher;
  CATALOGUE: DurableObjectNamespace<Catalogue>;
  /** Where the objects are, when they are not on this disk. */
  S3?: unknown;
};

/** What is behind the R2 binding of `npm run serve`: a folder on disk, or an S3-compatible server. */
export default {
  async fetch(request, env) {
    try {
      const { command, body } = await readCommand(request);
      return await carryOut(storeOf(env), command, body);
    } catch (fault) {
      // The runtime fails a call whose body was not read, whatever the response says.
      const rest = await request.body?.pipeTo(new WritableStream()).then(
        () => "read",
        () => "lost",
      );
      if (fault instanceof R2Error) return errorResponse(fault);
      if (rest === "lost") return errorResponse(new R2Error("incompleteBody"));
      console.error(
        JSON.stringify({ level: "error", layer: "media", event: "store failed", error: String(fault) }),
      );
      return errorResponse(new R2Error("internal"));
    }
  },
} satisfies ExportedHandler<MediaEnv>;

function storeOf({ FILES, CATALOGUE, S3 }: MediaEnv): ObjectStore {
  if (S3 !== undefined) return new S3Store(S3Settings.parse(S3));
  return new DiskStore(FILES, CATALOGUE.getByName("media"));
}

async function carryOut(store: ObjectStore, command: Command, body: Body | null): Promise<Response> {
  switch (command.method) {
    case "head": {
      const object = await store.head(command.object);
      if (object === null) throw new R2Error("noSuchKey");
      return objectResponse(object);
    }
    case "get": {
      const header = command.rangeHeader === undefined ? null : rangeOfHeader(command.rangeHeader);
      const found = await store.get(command.object, header ?? command.range ?? null, command.onlyIf ?? null);
      if (found === null) throw new R2Error("noSuchKey");
      const { object, range, body } = found;
      if (body === null) return errorResponse(new R2Error("preconditionFailed"), object);
      return objectResponse(object, { range, body });
    }
    case "put": {
      const metadata = { http: command.httpFields, custom: command.customFields };
      const object = await store.put(command.object, bytes(body), metadata, command.onlyIf ?? null);
      if (object === null) throw new R2Error("preconditionFailed");
      return objectResponse(object);
    }
    case "delete": {
      const { object, objects } = command;
      await store.delete(object === undefined ? objects : [object, ...objects]);
      return new Response();
    }
    case "list": {
      const { prefix, limit, startAfter = null, cursor = null, delimiter = null } = command;
      return listResponse(
        await store.list({ prefix, limit, startAfter, cursor, delimiter: delimiter || null }),
      );
    }
    case "createMultipartUpload": {
      const metadata = { http: command.httpFields, custom: command.customFields };
      return resultResponse({ uploadId: await store.createUpload(command.object, metadata) });
    }
    case "uploadPart": {
      const { object, uploadId, partNumber } = command;
      return resultResponse({ etag: await store.uploadPart(object, uploadId, partNumber, bytes(body)) });
    }
    case "completeMultipartUpload": {
      const parts = command.parts.map(({ part, etag }) => ({ partNumber: part, etag }));
      return objectResponse(await store.completeUpload(command.object, command.uploadId, parts));
    }
    case "abortMultipartUpload":
      await store.abortUpload(command.object, command.uploadId);
      return new Response();
    default:
      return command satisfies never;
  }
}

function bytes(body: Body | null): Body {
  if (body === null || !(body.size >= 0)) throw new R2Error("invalidArgument");
  return body;
}
