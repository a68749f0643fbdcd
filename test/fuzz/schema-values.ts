import fc from "fast-check";

/** What is read of a JSON Schema. */
export type Schema = {
  $ref?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  type?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minItems?: number;
  maxItems?: number;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  pattern?: string;
  format?: string;
  examples?: unknown[];
};

/** Values that exist on the server, by the name of the field that they fit. */
export type Known = Readonly<Record<string, readonly unknown[]>>;

/** Generates values that a schema allows; where values are known, mostly these. */
export class SchemaValues {
  readonly #defs: Readonly<Record<string, Schema>>;
  readonly #known: Known;

  constructor(defs: Readonly<Record<string, Schema>>, known: Known) {
    this.#defs = defs;
    this.#known = known;
  }

  /** The schema that a reference names, or the schema itself. */
  resolve(schema: Schema): Schema {
    const { $ref } = schema;
    if ($ref === undefined) return schema;
    const named = this.#defs[$ref.slice("#/$defs/".length)];
    if (named === undefined) throw new Error(`${$ref} is not defined`);
    return this.resolve(named);
  }

  values(reference: Schema, name = ""): fc.Arbitrary<unknown> {
    const schema = this.resolve(reference);
    const values = this.#bySchema(schema, name);
    const known = this.#known[name] ?? schema.examples ?? [];
    if (known.length === 0) return values;
    // The ids that clients make are new ones, mostly.
    const weight = schema.format === "uuid" ? 1 : 100;
    return fc.oneof({ weight, arbitrary: fc.constantFrom(...known) }, { weight: 10, arbitrary: values });
  }

  #bySchema(schema: Schema, name: string): fc.Arbitrary<unknown> {
    if (schema.type === "object") return this.#object(schema);
    const { anyOf, oneOf = anyOf, minimum = -MAX_INTEGER, maximum = MAX_INTEGER } = schema;
    if (oneOf !== undefined) return fc.oneof(...oneOf.map((part) => this.values(part, name)));
    if (schema.const !== undefined) return fc.constant(schema.const);
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
    switch (schema.type) {
      case "array":
        return fc.array(this.values(schema.items ?? {}, name), {
          minLength: schema.minItems ?? 0,
          maxLength: Math.min(schema.maxItems ?? 5, 5),
        });
      case "string":
        return text(schema);
      case "integer":
        return fc.integer({ min: minimum, max: maximum });
      case "number":
        return fc.double({ min: minimum, max: maximum, noNaN: true });
      case "boolean":
        return fc.boolean();
      case "null":
        return fc.constant(null);
      default:
        return fc.jsonValue();
    }
  }

  /** Of an object's alternatives each is an object with some of the fields, and without those of the others. */
  #object({ properties = {}, required = [], oneOf }: Schema): fc.Arbitrary<unknown> {
    if (oneOf !== undefined) {
      const alternatives = oneOf.map((each) => each.required ?? []);
      return fc.oneof(
        ...alternatives.map((own) => {
          const others = new Set(alternatives.flat().filter((name) => !own.includes(name)));
          const fields = Object.entries(properties).filter(([name]) => !others.has(name));
          return this.#object({ properties: Object.fromEntries(fields), required: [...required, ...own] });
        }),
      );
    }
    const fields: Record<string, fc.Arbitrary<unknown>> = {};
    for (const [name, schema] of Object.entries(properties)) fields[name] = this.values(schema, name);
    return fc.record(fields, { requiredKeys: required });
  }
}

const MAX_INTEGER = 2_147_483_647;

/** Short and long texts of all kinds, those too that cannot be stored. */
function text({ format, pattern, maxLength = 64 }: Schema): fc.Arbitrary<string> {
  if (format === "uuid") return fc.uuid();
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  const short = fc.string({ unit: "grapheme", maxLength: Math.min(maxLength, 40) });
  const long = fc
    .tuple(fc.string({ unit: "binary", minLength: 1, maxLength: 4 }), fc.nat({ max: maxLength }))
    .map(([piece, length]) => piece.repeat(length).slice(0, length));
  const unstorable = fc.constantFrom("\ud83d", "a\udc00b", "\u0000", "");
  return fc.oneof(
    { weight: 20, arbitrary: short },
    { weight: 2, arbitrary: long },
    { weight: 1, arbitrary: unstorable },
  );
}
