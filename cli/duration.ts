import { CommandError, exitCodes } from "./error.ts";

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds of `30s`, `2min`, `1h30m` (also `2m`, `500ms`, `1d`; bare digits are seconds). `flag` is named in the error. */
export function parseDuration(text: string, flag: string): number {
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|min|s|m|h|d)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join("") !== text)
    throw new CommandError(
      `${flag} ${JSON.stringify(text)} is not a time; write it as 30s, 2min or 1h`,
      exitCodes.usage,
    );
  return parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * units[unit!]!, 0);
}
