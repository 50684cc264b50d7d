import type { CompileFlags } from "../compile-file.ts";
import { parseDuration } from "../duration.ts";
import { CommandError, exitCodes } from "../error.ts";

/** The flags of `kdsl test`, as the command line gives them. */
export interface TestFlags extends CompileFlags {
  readonly seed?: string;
  readonly seeds?: string;
  readonly time?: string;
  readonly filter?: string;
  readonly instants?: string;
  readonly format?: string;
  readonly trace?: string;
  readonly replay?: string;
}

export type TestFormat = "text" | "json" | "junit";

export interface TestOptions {
  readonly seed: number;
  readonly seeds: number;
  /** For each scenario, in milliseconds of the user's time. */
  readonly time: number;
  readonly filter?: string;
  readonly instants: number;
  readonly format: TestFormat;
  readonly trace?: string;
}

const formats: readonly TestFormat[] = ["text", "json", "junit"];
const largestSeed = 2 ** 32 - 1;

/** Throws `CommandError` for what is no number, no time or no format. */
export function readOptions(flags: TestFlags): TestOptions {
  const format = flags.format ?? "text";
  if (!isFormat(format))
    throw new CommandError(`--format ${format}: there are ${formats.join(", ")}`, exitCodes.usage);
  return {
    seed: wholeNumber(flags.seed, "--seed", 0, largestSeed) ?? 1,
    seeds: wholeNumber(flags.seeds, "--seeds", 1, 1_000_000) ?? 1,
    instants: wholeNumber(flags.instants, "--instants", 0, 1000) ?? 0,
    time: flags.time === undefined ? 60_000 : parseDuration(flags.time, "--time"),
    format,
    ...(flags.filter !== undefined && { filter: flags.filter }),
    ...(flags.trace !== undefined && { trace: flags.trace }),
  };
}

const isFormat = (text: string): text is TestFormat => (formats as readonly string[]).includes(text);

function wholeNumber(
  text: string | undefined,
  flag: string,
  least: number,
  most: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw new CommandError(
    `${flag} ${JSON.stringify(text)} is no whole number from ${least} to ${most}`,
    exitCodes.usage,
    `write it as ${flag} ${Math.max(least, 7)}`,
  );
}
