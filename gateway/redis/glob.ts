/** A matcher for Redis' patterns: `*`, `?`, `[a-c]`, `[^a]`; `\` escapes the next character. */
export function globMatcher(pattern: string): (text: string) => boolean {
  const expression = new RegExp(`^${source(pattern)}$`, "s");
  return (text) => expression.test(text);
}

function source(pattern: string): string {
  return pattern.replace(
    /\\(.)|\\$|\[(\^?)((?:\\.|[^\]\\])*)(?:\]|$)|\*+|[\s\S]/gs,
    (part: string, escaped?: string, not?: string, members?: string) => {
      if (escaped !== undefined) return literal(escaped);
      if (members !== undefined) return classSource(not === "^", members);
      if (part.startsWith("*")) return ".*";
      return part === "?" ? "." : literal(part);
    },
  );
}

function classSource(isNegated: boolean, members: string): string {
  const ranges = members.replace(
    /(\\.|[\s\S])-(\\.|[\s\S])|\\?([\s\S])/gs,
    (_, first?: string, last?: string, single?: string) => {
      if (first === undefined || last === undefined) return literal(single ?? "");
      const [low = "", high = ""] = [first.at(-1), last.at(-1)].sort();
      return `${literal(low)}-${literal(high)}`;
    },
  );
  if (ranges === "") return isNegated ? "." : "(?!)";
  return `[${isNegated ? "^" : ""}${ranges}]`;
}

function literal(character: string): string {
  return /[\w\s]/.test(character) ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
