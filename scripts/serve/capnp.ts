/** A value in Cap'n Proto's text format. A union is its chosen field; `null` is Void; undefined fields are left out. */
export type CapnpValue =
  | string
  | number
  | boolean
  | null
  | readonly CapnpValue[]
  | { readonly [field: string]: CapnpValue | undefined };

/** A configuration file of workerd with this configuration. */
export function workerdConfig(config: CapnpValue): string {
  return `using Workerd = import "/workerd/workerd.capnp";\nconst config :Workerd.Config = ${capnpText(config)};\n`;
}

/** A value as text. */
export function capnpText(value: CapnpValue): string {
  if (value === null) return "void";
  if (typeof value === "string") return quoted(value);
  if (typeof value !== "object") return String(value);
  if (isList(value)) return `[${value.map(capnpText).join(", ")}]`;
  const fields = Object.entries(value).flatMap(([name, field]) =>
    field === undefined ? [] : [`${name} = ${capnpText(field)}`],
  );
  return `(${fields.join(", ")})`;
}

/** `Array.isArray` does not tell a readonly array from an object. */
function isList(value: object): value is readonly CapnpValue[] {
  return Array.isArray(value);
}

function quoted(text: string): string {
  const escaped = text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must be escaped.
    /["\\\u0000-\u001f\u007f]/g,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return `"${escaped}"`;
}
