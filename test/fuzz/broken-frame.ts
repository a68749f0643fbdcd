import fc from "fast-check";
import { MAX_FRAME_BYTES } from "../../schema/wire/socket.ts";

/** A frame that a client sends. */
export type Frame = string | Uint8Array<ArrayBuffer>;

/** JSON that `JSON.stringify` does not write. */
const RAW = [
  ...[
    "1e999",
    "-0",
    "9".repeat(400),
    "9007199254740993",
    '"\\ud83d"',
    '"\\u0000"',
    '{"__proto__":{"op":"send"}}',
  ],
  ...[nested("[", "]", 2_000), nested('{"content":', "}", 2_000), nested("[", "]", 30_000)],
];

function nested(open: string, close: string, depth: number): string {
  return `${open.repeat(depth)}${open === "[" ? "" : "1"}${close.repeat(depth)}`;
}

/** What takes the place of a field: any JSON, the text of a number of `RAW`, or nothing at all. */
const replacement = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom("", null, -1, 2 ** 53, 1.5, [], {}, "0", "-1", "9".repeat(19), "9223372036854775808"),
  fc.nat({ max: RAW.length - 1 }).map((index) => `@raw${index}`),
  fc.constant(undefined),
);

/** Frames like the given ones with a field or two that are missing, of another type, or too much. */
export function mutated(frames: fc.Arbitrary<unknown>): fc.Arbitrary<Frame> {
  const added = fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.string() });
  const change = fc.tuple(fc.nat({ max: 99 }), added, replacement);
  return fc
    .tuple(frames, fc.array(change, { minLength: 1, maxLength: 2 }))
    .map(([frame, changes]) => changes.reduce((changed, each) => withChange(changed, ...each), frame))
    .map((frame) => write(frame));
}

/** Writes a frame as JSON. */
export function write(frame: unknown): string {
  const json = JSON.stringify(frame) ?? "";
  return json.replace(/"@raw(\d+)"/g, (_, index) => RAW[Number(index)] ?? "");
}

/** What is no frame at all: other text, other JSON, bytes, too much. */
export const garbage: fc.Arbitrary<Frame> = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: "binary" }) },
  { weight: 3, arbitrary: fc.json() },
  { weight: 3, arbitrary: fc.uint8Array({ max: 255 }).map((bytes) => new Uint8Array(bytes)) },
  { weight: 2, arbitrary: fc.constantFrom(...RAW, "", " ", "{", "PING", "ping ", "\ufeff{}", "null") },
  {
    weight: 1,
    arbitrary: fc
      .integer({ min: MAX_FRAME_BYTES - 2, max: MAX_FRAME_BYTES + 2 })
      .map((length) => JSON.stringify("x".repeat(length - 2))),
  },
);

/** The value with the place-th of its fields, however deep, changed; `undefined` takes it away. */
function withChange(value: unknown, place: number, added: string | null, changed: unknown): unknown {
  const copy = structuredClone(value);
  const fields = fieldsOf(copy);
  const [parent, name] = fields[place % Math.max(fields.length, 1)] ?? [];
  if (parent === undefined || name === undefined) return changed;
  if (added !== null) Object.defineProperty(parent, added, { value: changed, enumerable: true });
  else if (changed === undefined) Reflect.deleteProperty(parent, name);
  else Reflect.set(parent, name, changed);
  return copy;
}

function fieldsOf(value: unknown): [object, string][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, part]): [object, string][] => [
    [value, name],
    ...fieldsOf(part),
  ]);
}
