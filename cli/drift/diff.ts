import { CommandError, exitCodes } from "../error.ts";
import { type ClusterFlags, compareWith, liveObjects } from "./cluster.ts";
import { type Drift, driftOf, isRestorable } from "./drift.ts";
import { showDrift } from "./show.ts";

export interface DiffOptions extends ClusterFlags {
  readonly format?: string;
}

/**
 * `kdsl diff [FILE]`: what of a running cluster is not as its plan says, or as FILE says now. Exit code 1 where
 * something differs; what others made besides is no difference.
 */
export async function diff(path: string | undefined, options: DiffOptions): Promise<number> {
  const format = options.format ?? "text";
  if (format !== "text" && format !== "json")
    throw new CommandError(`--format ${format}: there are text, json`, exitCodes.usage);
  const compared = await compareWith(path, options);
  if (!compared) return exitCodes.failure;
  const { client, current, wanted } = compared;
  const drift = driftOf(await liveObjects(client), current, wanted);
  const differs = drift.some(isDifference);
  if (format === "json") process.stdout.write(`${JSON.stringify({ drift }, null, 2)}\n`);
  else {
    process.stdout.write(showDrift(drift, current.name, path ?? current.sources[0]?.path ?? "its plan"));
    if (drift.some(isRestorable))
      console.log(`kdsl apply${path === undefined ? "" : ` ${path}`} makes it as the file says`);
  }
  return differs ? exitCodes.failure : exitCodes.success;
}

const isDifference = ({ action }: Drift) => action !== "foreign";
