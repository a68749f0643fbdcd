import { CommandError } from "./command.ts";

const INTEGER = /^(?:0|-?[1-9]\d{0,18})$/;
const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,3}))?$/i;
const INFINITE = /^([+-]?)inf(?:inity)?$/i;
const MAX_INTEGER = 2n ** 63n - 1n;
const MIN_INTEGER = -(2n ** 63n);

/** How many decimals INCRBYFLOAT keeps. */
const DECIMALS = 17;

/** A 64-bit integer. */
export function integer(text: string, message = "ERR value is not an integer or out of range"): bigint {
  const value = INTEGER.test(text) ? BigInt(text) : undefined;
  if (value === undefined || value > MAX_INTEGER || value < MIN_INTEGER) throw new CommandError(message);
  return value;
}

/** The sum of two 64-bit integers. Throws when it does not fit 64 bits. */
export function addIntegers(a: bigint, b: bigint): bigint {
  const sum = a + b;
  if (sum > MAX_INTEGER || sum < MIN_INTEGER) {
    throw new CommandError("ERR increment or decrement would overflow");
  }
  return sum;
}

/** An integer as a reply: a number when it is exact as one. */
export function integerReply(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

/** An index or a count. Beyond 2^53 it is rounded, which does not matter: it is outside of every collection. */
export function index(text: string): number {
  return Number(integer(text));
}

/** A count. Throws when it is negative. */
export function count(text: string, message = "ERR value is out of range, must be positive"): number {
  const value = integer(text, message);
  if (value < 0n) throw new CommandError(message);
  return Number(value);
}

/** A range of indexes, without its end. */
export type Slice = readonly [from: number, to: number];

/** The range of `start` to `stop` in a collection of that length. Both are included; negative ones count from the end. */
export function slice(start: string, stop: string): (length: number) => Slice {
  const [first, last] = [index(start), index(stop)];
  return (length) => {
    const fromEnd = (place: number) => (place < 0 ? place + length : place);
    const from = Math.min(length, Math.max(0, fromEnd(first)));
    return [from, Math.max(from, Math.min(length, fromEnd(last) + 1))];
  };
}

/** A score: a decimal number, or an infinite one. */
export function score(text: string, message = "ERR value is not a valid float"): number {
  const infinite = INFINITE.exec(text);
  if (infinite !== null) return infinite[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  const value = /\d/.test(text) && DECIMAL.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) throw new CommandError(message);
  return value;
}

/** A score as Redis writes it: the shortest text that reads back the same. */
export function scoreText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? "inf" : "-inf";
}

/** The errors of {@link addDecimals} for a string; a hash has its own. */
const STRING_DECIMALS = {
  notDecimal: "ERR value is not a valid float",
  infinite: "ERR increment would produce NaN or Infinity",
};

/** The sum of two decimal numbers: exact up to 17 decimals, without an exponent. */
export function addDecimals(held: string, by: string, errors = STRING_DECIMALS): string {
  const increment = scaled(by, STRING_DECIMALS.notDecimal, errors.infinite);
  const sum = scaled(held, errors.notDecimal, errors.infinite) + increment;
  const digits = (sum < 0n ? -sum : sum).toString().padStart(DECIMALS + 1, "0");
  const decimals = digits.slice(-DECIMALS).replace(/0+$/, "");
  return `${sum < 0n ? "-" : ""}${digits.slice(0, -DECIMALS)}${decimals === "" ? "" : `.${decimals}`}`;
}

/** A decimal number in units of its last kept decimal. */
function scaled(text: string, notDecimal: string, infinite: string): bigint {
  if (INFINITE.test(text)) throw new CommandError(infinite);
  const [, sign, whole = "", fraction = "", exponent = "0"] = DECIMAL.exec(text) ?? [];
  if (whole + fraction === "") throw new CommandError(notDecimal);
  const shift = DECIMALS + Number(exponent) - fraction.length;
  const digits = BigInt(whole + fraction);
  const units = shift >= 0 ? digits * 10n ** BigInt(shift) : digits / 10n ** BigInt(-shift);
  return sign === "-" ? -units : units;
}
