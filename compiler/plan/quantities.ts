import type { Fraction } from "../evaluate/value.ts";

/** From exact fractions to the numbers and texts that Kubernetes holds. */

/** The whole number that is the value or the next above it. */
export function ceiling({ numerator, denominator }: Fraction): bigint {
  if (denominator === 1n) return numerator;
  const quotient = numerator / denominator;
  return numerator > 0n && numerator % denominator !== 0n ? quotient + 1n : quotient;
}

export function isWhole(value: Fraction): boolean {
  return value.numerator % value.denominator === 0n;
}

/** An amount in Kubernetes' canonical text, and whether it had to be rounded up to be held. */
export interface Amount {
  readonly text: string;
  readonly rounded: boolean;
}

/** The same amounts come again and again, as the very same fractions. */
function remembered(form: (value: Fraction) => Amount): (value: Fraction) => Amount {
  const known = new WeakMap<Fraction, Amount>();
  return (value) => {
    let amount = known.get(value);
    if (!amount) known.set(value, (amount = form(value)));
    return amount;
  };
}

/** Cores: `2`, `250m`. Finer parts than a thousandth are rounded up (Kubernetes' `SetDefaults_ResourceList`). */
export const cpuText = remembered((cores) => {
  const scaled = { numerator: cores.numerator * 1000n, denominator: cores.denominator };
  const milli = ceiling(scaled);
  const text = milli % 1000n === 0n ? String(milli / 1000n) : `${milli}m`;
  return { text, rounded: milli * cores.denominator !== scaled.numerator };
});

const binaryUnits = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
const decimalUnits = ["k", "M", "G", "T", "P", "E"];

/** Bytes: `64Mi`, `1G`; of the binary and the decimal form the shorter one, else plain digits. Part bytes are rounded up. */
export const memoryText = remembered((bytes) => {
  const whole = ceiling(bytes);
  const binary = scaled(whole, 1024n, binaryUnits);
  const decimal = scaled(whole, 1000n, decimalUnits);
  const text = decimal.length < binary.length ? decimal : binary;
  return { text, rounded: !isWhole(bytes) };
});

function scaled(value: bigint, base: bigint, units: readonly string[]): string {
  if (value === 0n) return "0";
  let rest = value;
  let unit = "";
  for (const next of units) {
    if (rest % base !== 0n) break;
    rest /= base;
    unit = next;
  }
  return `${rest}${unit}`;
}

/** The exact decimal text of a number; undefined for one without an end, such as a third. */
export function decimalText({ numerator, denominator }: Fraction): string | undefined {
  if (denominator === 1n) return String(numerator);
  let rest = denominator;
  let places = 0;
  let scale = 1n;
  while (rest !== 1n) {
    const factor = rest % 10n === 0n ? 10n : rest % 2n === 0n ? 2n : rest % 5n === 0n ? 5n : undefined;
    if (factor === undefined) return undefined;
    rest /= factor;
    scale *= 10n;
    places++;
  }
  const sign = numerator < 0n ? "-" : "";
  const digits = String(((numerator < 0n ? -numerator : numerator) * scale) / denominator).padStart(
    places + 1,
    "0",
  );
  const fraction = digits.slice(-places).replace(/0+$/, "");
  return `${sign}${digits.slice(0, -places)}${fraction === "" ? "" : `.${fraction}`}`;
}
