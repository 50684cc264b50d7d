import { realpathSync } from "node:fs";
import { join } from "node:path";
import { type ClusterRecord, listClusters } from "../runtime/host/record.ts";
import { CommandError, exitCodes } from "./error.ts";

/**
 * The running cluster that a command means: the one that is named, else the only one. Throws `CommandError` where
 * there is none (exit code 3) or where several leave it open (exit code 2).
 */
export function findCluster(
  name: string | undefined,
  clusters: readonly ClusterRecord[] = listClusters(),
): ClusterRecord {
  const wanted =
    name === undefined
      ? clusters
      : clusters.filter((each) => each.name === name || each.id === name || each.file === name);
  const [first, second] = wanted;
  if (first && !second) return first;
  if (first)
    throw new CommandError(
      name === undefined
        ? `several clusters are running: ${describeAll(wanted)}`
        : `several clusters are called ${name}: ${describeAll(wanted)}`,
      exitCodes.usage,
      name === undefined ? "say which one with --cluster NAME" : "name one by its file: --cluster FILE",
    );
  if (clusters.length > 0)
    throw new CommandError(
      `no running cluster is called ${name}; running: ${describeAll(clusters)}`,
      exitCodes.notFound,
    );
  throw new CommandError(
    name === undefined ? "no cluster is running" : `no running cluster is called ${name}`,
    exitCodes.notFound,
    "start one with kdsl run FILE",
  );
}

/** The file, as its record has it, of the one running cluster that was started from this path, if there is one. */
export function runningFrom(
  path: string,
  clusters: readonly ClusterRecord[] = listClusters(),
): string | undefined {
  const entry = (file: string) => (file.endsWith(".kdsl") ? file : join(file, "main.kdsl"));
  let wanted: string;
  try {
    wanted = entry(realpathSync(path));
  } catch {
    return undefined; // that the file is not there is said where it is read
  }
  const found = clusters.filter(({ file }) => entry(file) === wanted);
  return found.length === 1 ? found[0]?.file : undefined;
}

function describeAll(clusters: readonly ClusterRecord[]): string {
  return clusters.map(({ name, file }) => `${name} (${file})`).join(", ");
}
