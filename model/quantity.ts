/**
 * Kubernetes quantities (`resource.Quantity`): exact decimal numbers with a suffix. Held as an exact fraction in
 * billionths, so `1000m`, `1` and `1e0` are one value.
 */

const binary: Record<string, bigint> = {
  Ki: 1n << 10n,
  Mi: 1n << 20n,
  Gi: 1n << 30n,
  Ti: 1n << 40n,
  Pi: 1n << 50n,
  Ei: 1n << 60n,
};

const decimal: Record<string, number> = { n: -9, u: -6, m: -3, "": 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };

const billion = 1_000_000_000n;
const pattern = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(?:([eE][+-]?\d+)|([A-Za-z]*))$/;

/** A quantity in billionths; undefined when the text is none. Finer parts than a billionth are rounded up, as Kubernetes does. */
export function parseQuantity(text: string): bigint | undefined {
  let value = parsed.get(text);
  if (value !== undefined) return value;
  value = parse(text);
  if (value !== undefined && parsed.size < mostParsed) parsed.set(text, value);
  return value;
}

/** A cluster has few different quantities, and asks for each of them many times. */
const parsed = new Map<string, bigint>();
const mostParsed = 10_000;

function parse(text: string): bigint | undefined {
  const match = pattern.exec(text);
  if (!match) return undefined;
  const [, sign, digits = "0", exponent, suffix = ""] = match;
  const [whole = "", fraction = ""] = digits.split(".");
  const unscaled = BigInt(`${whole}${fraction}` || "0");
  let power = 9 - fraction.length;
  let multiplier = 1n;
  if (exponent) power += Number(exponent.slice(1));
  else if (suffix in binary) multiplier = binary[suffix]!;
  else if (suffix in decimal) power += decimal[suffix]!;
  else return undefined;
  if (power > 60 || power < -60) return undefined;
  const scaled = unscaled * multiplier;
  const magnitude = power >= 0 ? scaled * 10n ** BigInt(power) : ceilDivide(scaled, 10n ** BigInt(-power));
  return sign === "-" ? -magnitude : magnitude;
}

function ceilDivide(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}

/** CPU in thousandths of a core, rounded up (Kubernetes' `MilliValue`). Absent or malformed is 0. */
export function milliValue(quantity: string | number | undefined): number {
  const value = quantity === undefined ? undefined : parseQuantity(String(quantity));
  return value === undefined ? 0 : Number(ceilDivide(value * 1000n, billion));
}

/** Bytes, or whole units of anything else, rounded up (Kubernetes' `Value`). Absent or malformed is 0. */
export function wholeValue(quantity: string | number | undefined): number {
  const value = quantity === undefined ? undefined : parseQuantity(String(quantity));
  return value === undefined ? 0 : Number(ceilDivide(value, billion));
}

/** The amount of `resource` in the unit that the scheduler counts in: millicores for cpu, whole units for all else. */
export function resourceAmount(resource: string, quantity: string | number | undefined): number {
  return resource === "cpu" ? milliValue(quantity) : wholeValue(quantity);
}

/** Canonical text of millicores: `250m`, `1`, `1500m`. */
export function formatCpu(millicores: number): string {
  return millicores % 1000 === 0 ? String(millicores / 1000) : `${millicores}m`;
}

/** Canonical text of bytes: the largest binary unit that divides them, else plain digits. */
export function formatMemory(bytes: number): string {
  if (bytes === 0) return "0";
  let value = BigInt(bytes);
  let unit = "";
  for (const next of ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"]) {
    if (value % 1024n !== 0n) break;
    value /= 1024n;
    unit = next;
  }
  return `${value}${unit}`;
}

/** Text of an amount as `resourceAmount` counts it. */
export function formatAmount(resource: string, amount: number): string {
  if (resource === "cpu") return formatCpu(amount);
  return resource === "memory" || resource === "ephemeral-storage" ? formatMemory(amount) : String(amount);
}
