import { sample } from "openapi-sampler";

type Document = { paths?: object | undefined };

/** Adds an example to each JSON body and response of an OpenAPI document, made from the examples of its fields. */
export function withExamples<Api extends Document>(document: Api): Api {
  for (const media of jsonMedia(document.paths)) {
    media.example = sample(media.schema, { skipReadOnly: true }, document);
  }
  return document;
}

/** The media types of JSON, and of JSON lines, whose example is one line. */
const JSON_TYPES = ["application/json", "application/x-ndjson"];

type Media = { schema: object; example?: unknown };

/** Every JSON in a part of a document. */
function* jsonMedia(part: unknown): Generator<Media> {
  if (typeof part !== "object" || part === null) return;
  for (const [key, value] of Object.entries(part)) {
    if (JSON_TYPES.includes(key) && isMedia(value)) yield value;
    else yield* jsonMedia(value);
  }
}

function isMedia(value: unknown): value is Media {
  return typeof value === "object" && value !== null && "schema" in value && typeof value.schema === "object";
}
