/** Blanks, comments and empty statements before a statement. Comments of the second form may be nested. */
const BLANK = /^(?:[\s;]|--[^\n\r]*)+/;

/** The words with which statements begin that only a read-only transaction has to watch over. */
const READING = /^(?:select|with|values|table|show|explain)\b|^\(/i;

/**
 * Whether a statement may be run for somebody who may only read, inside of a READ ONLY transaction. That refuses every
 * write, but it can be ended or made to write by COMMIT, SET and others, and it does not stop COPY to a program.
 */
export function isReading(sql: string): boolean {
  return READING.test(withoutBlanks(sql));
}

function withoutBlanks(sql: string): string {
  for (let rest = sql; ; ) {
    const next = rest.startsWith("/*") ? afterComment(rest) : rest.replace(BLANK, "");
    if (next === rest) return rest;
    rest = next;
  }
}

function afterComment(sql: string): string {
  let depth = 0;
  for (const { 0: mark, index } of sql.matchAll(/\/\*|\*\//g)) {
    depth += mark === "/*" ? 1 : -1;
    if (depth === 0) return sql.slice(index + mark.length);
  }
  return "";
}
