import type { Dimension } from "../types/type.ts";
import { divide, formatDecimal, fraction, isInteger, multiply, parseDecimal } from "./fraction.ts";
import type { Fraction } from "./value.ts";

interface Unit {
  readonly dimension: Dimension;
  readonly size: Fraction;
}

const unit = (dimension: Dimension, numerator: bigint, denominator = 1n): Unit => ({
  dimension,
  size: fraction(numerator, denominator),
});

/** What one of each unit is, in cores, bytes, seconds, or as a share of 1. */
export const units: Readonly<Record<string, Unit>> = {
  m: unit("cpu", 1n, 1000n),
  B: unit("memory", 1n),
  k: unit("memory", 10n ** 3n),
  M: unit("memory", 10n ** 6n),
  G: unit("memory", 10n ** 9n),
  T: unit("memory", 10n ** 12n),
  P: unit("memory", 10n ** 15n),
  E: unit("memory", 10n ** 18n),
  Ki: unit("memory", 1n << 10n),
  Mi: unit("memory", 1n << 20n),
  Gi: unit("memory", 1n << 30n),
  Ti: unit("memory", 1n << 40n),
  Pi: unit("memory", 1n << 50n),
  Ei: unit("memory", 1n << 60n),
  ms: unit("duration", 1n, 1000n),
  s: unit("duration", 1n),
  min: unit("duration", 60n),
  h: unit("duration", 3600n),
  "%": unit("percent", 1n, 100n),
};

interface Amount {
  readonly dimension: Dimension;
  readonly value: Fraction;
}

const read = new Map<string, Amount | undefined>();
const mostRead = 10_000;

/** The quantity that digits and a unit are; undefined for an unknown unit. The same ones come again and again. */
export function readQuantity(digits: string, unitName: string): Amount | undefined {
  const written = digits + unitName;
  const known = read.get(written);
  if (known) return known;
  const found = Object.hasOwn(units, unitName) ? units[unitName] : undefined;
  const amount = found && { dimension: found.dimension, value: multiply(parseDecimal(digits), found.size) };
  if (read.size < mostRead && written.length < 20) read.set(written, amount);
  return amount;
}

/** From the largest; the first that divides the quantity is written. */
const writing: Readonly<Record<Dimension, readonly string[]>> = {
  cpu: [],
  memory: ["Ei", "Pi", "Ti", "Gi", "Mi", "Ki", "B"],
  duration: ["h", "min", "s", "ms"],
  percent: ["%"],
};

/** The quantity as the language writes it: the largest unit that leaves a whole number. */
export function formatQuantity(dimension: Dimension, value: Fraction): string {
  if (dimension === "cpu") {
    const milli = multiply(value, fraction(1000n));
    return isInteger(value) || !isInteger(milli) ? plain(value) : `${milli.numerator}m`;
  }
  const names = writing[dimension];
  const name = value.numerator === 0n ? names.at(dimension === "duration" ? -2 : -1)! : undefined;
  const chosen = name ?? names.find((one) => isInteger(divide(value, units[one]!.size))) ?? names.at(-1)!;
  return `${plain(divide(value, units[chosen]!.size))}${chosen}`;
}

/** Digits, or a quotient for what has no finite decimal form. */
export const plain = (value: Fraction): string =>
  formatDecimal(value) ?? `${value.numerator}/${value.denominator}`;
