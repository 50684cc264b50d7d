import type { Fraction } from "./value.ts";

/** Exact arithmetic. All results are in lowest terms with a positive denominator. */

export function fraction(numerator: bigint, denominator = 1n): Fraction {
  if (denominator === 1n) return { numerator, denominator };
  const sign = denominator < 0n ? -1n : 1n;
  const divisor = greatestCommonDivisor(numerator < 0n ? -numerator : numerator, denominator * sign);
  return { numerator: (numerator / divisor) * sign, denominator: (denominator / divisor) * sign };
}

function greatestCommonDivisor(left: bigint, right: bigint): bigint {
  let [one, other] = [left, right];
  while (other !== 0n) [one, other] = [other, one % other];
  return one === 0n ? 1n : one;
}

/** The same numbers come again and again. */
const parsed = new Map<string, Fraction>();
const mostParsed = 10_000;

/** The value of decimal digits as written: `0.25`. */
export function parseDecimal(digits: string): Fraction {
  const known = parsed.get(digits);
  if (known) return known;
  const value = parse(digits);
  if (parsed.size < mostParsed && digits.length < 20) parsed.set(digits, value);
  return value;
}

function parse(digits: string): Fraction {
  if (!digits.includes(".")) return { numerator: BigInt(digits || "0"), denominator: 1n };
  const [whole = "", part = ""] = digits.split(".");
  return fraction(BigInt(`${whole}${part}` || "0"), 10n ** BigInt(part.length));
}

export const add = (a: Fraction, b: Fraction): Fraction =>
  a.denominator === 1n && b.denominator === 1n
    ? { numerator: a.numerator + b.numerator, denominator: 1n }
    : fraction(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);

export const negate = (a: Fraction): Fraction => ({ numerator: -a.numerator, denominator: a.denominator });

export const subtract = (a: Fraction, b: Fraction): Fraction => add(a, negate(b));

export const multiply = (a: Fraction, b: Fraction): Fraction =>
  a.denominator === 1n && b.denominator === 1n
    ? { numerator: a.numerator * b.numerator, denominator: 1n }
    : fraction(a.numerator * b.numerator, a.denominator * b.denominator);

/** `b` is not zero. */
export const divide = (a: Fraction, b: Fraction): Fraction =>
  fraction(a.numerator * b.denominator, a.denominator * b.numerator);

/** Negative, zero or positive, as `a` is below, at or above `b`. */
export function compare(a: Fraction, b: Fraction): number {
  const left = a.numerator * b.denominator;
  const right = b.numerator * a.denominator;
  return left < right ? -1 : left > right ? 1 : 0;
}

export const isInteger = (a: Fraction): boolean => a.denominator === 1n;
export const isZero = (a: Fraction): boolean => a.numerator === 0n;

/** The largest whole number that is not above `a`. */
export function floor(a: Fraction): bigint {
  const quotient = a.numerator / a.denominator;
  return a.numerator < 0n && a.numerator % a.denominator !== 0n ? quotient - 1n : quotient;
}

export const ceil = (a: Fraction): bigint => -floor(negate(a));

/** The nearest whole number; halves go up. */
export const round = (a: Fraction): bigint => floor(add(a, fraction(1n, 2n)));

/** `a - b * floor(a / b)`: the remainder with the sign of `b`, which is not zero. */
export function remainder(a: Fraction, b: Fraction): Fraction {
  if (a.denominator !== 1n || b.denominator !== 1n)
    return subtract(a, multiply(b, fraction(floor(divide(a, b)))));
  const rest = a.numerator % b.numerator;
  const turns = rest !== 0n && rest < 0n !== b.numerator < 0n;
  return { numerator: turns ? rest + b.numerator : rest, denominator: 1n };
}

/** The decimal digits, or undefined when they never end. */
export function formatDecimal(value: Fraction): string | undefined {
  if (value.denominator === 1n) return value.numerator.toString();
  let rest = value.denominator;
  let places = 0;
  for (const prime of [2n, 5n]) {
    let count = 0;
    for (; rest % prime === 0n; rest /= prime) count++;
    places = Math.max(places, count);
  }
  if (rest !== 1n) return undefined;
  const scaled = (value.numerator * 10n ** BigInt(places)) / value.denominator;
  const digits = (scaled < 0n ? -scaled : scaled).toString().padStart(places + 1, "0");
  return `${scaled < 0n ? "-" : ""}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}
