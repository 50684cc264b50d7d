import { duration } from "../write/literals.ts";

/** Amounts as compose files write them. */

const timeUnits: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `1m30s` in seconds, at least one; undefined for what is no duration. */
export function seconds(value: unknown): number | undefined {
  if (typeof value === "number") return Math.max(1, Math.ceil(value));
  if (typeof value !== "string" || !/^(?:\d+(?:\.\d+)?(?:us|ms|s|m|h))+$/.test(value)) return undefined;
  let milliseconds = 0;
  for (const [, amount, unit] of value.matchAll(/(\d+(?:\.\d+)?)(us|ms|s|m|h)/g))
    milliseconds += Number(amount) * timeUnits[unit!]!;
  return milliseconds === 0 ? 0 : Math.max(1, Math.ceil(milliseconds / 1000));
}

export function durationOf(value: unknown): string | undefined {
  const length = seconds(value);
  return length === undefined ? undefined : duration(length);
}

/** `512m`, `1gb`: compose counts in 1024s whatever the letters say. */
export function memoryOf(value: unknown): string | undefined {
  if (typeof value === "number") return inMebibytes(value);
  const match = typeof value === "string" ? /^(\d+(?:\.\d+)?)\s*(b|k|m|g|t)?b?$/i.exec(value) : null;
  if (!match) return undefined;
  const unit = (match[2] ?? "b").toLowerCase();
  if (Number.isInteger(Number(match[1])) && unit !== "b")
    return `${match[1]}${unit === "k" ? "Ki" : `${unit.toUpperCase()}i`}`;
  return inMebibytes(Number(match[1]) * 1024 ** "bkmgt".indexOf(unit));
}

function inMebibytes(bytes: number): string {
  const mebibytes = bytes / 1024 ** 2;
  return Number.isInteger(mebibytes) && mebibytes > 0 ? `${mebibytes}Mi` : `${Math.ceil(bytes)}B`;
}

/** `"0.50"` cores. */
export function cpuOf(value: unknown): string | undefined {
  const cores = Number(value);
  if (!Number.isFinite(cores) || cores <= 0) return undefined;
  return Number.isInteger(cores) ? String(cores) : `${Math.ceil(cores * 1000)}m`;
}
