import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { removeIfEmpty, runtimeDirectory } from "./directory.ts";
import { bootId } from "./machine.ts";
import { isAlive, type ProcessIdentity } from "./processes.ts";

/** What `record.json` in a cluster's directory says: who runs it and where it is found. */
export interface ClusterRecord {
  readonly version: 1;
  /** One run; every process of it has `KDSL_CLUSTER=<id>` in its environment. */
  readonly id: string;
  readonly name: string;
  /** The real path of what is being run. */
  readonly file: string;
  /** Where this record, the pods' volumes and logs, and the sockets are. */
  readonly directory: string;
  /** The Unix socket at which the API answers. */
  readonly socketPath: string;
  /** `127.x.0.0/16`. */
  readonly network: string;
  /** Who runs it. */
  readonly process: ProcessIdentity;
  readonly bootId: string;
  readonly guardian: ProcessIdentity;
  /** RFC 3339. */
  readonly startedAt: string;
  /** What others added (`Claim.update`): the port of the API, say. */
  readonly endpoints: Readonly<Record<string, string | number>>;
}

const fileName = "record.json";

export function writeRecord(record: ClusterRecord, directory: string = record.directory): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, fileName);
  // By rename, so that a reader never sees half of it.
  writeFileSync(`${path}.new`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** The record in a directory; undefined when there is none, or none that can be understood. */
export function readRecord(directory: string): ClusterRecord | undefined {
  try {
    const value = JSON.parse(readFileSync(join(directory, fileName), "utf8")) as ClusterRecord;
    const whole =
      value.version === 1 &&
      typeof value.id === "string" &&
      typeof value.process?.pid === "number" &&
      typeof value.process.startTime === "string";
    return whole ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the run that a record speaks of goes on: same boot, same pid, same start time. */
export function isRunning(record: ClusterRecord): boolean {
  return record.bootId === bootId() && isAlive(record.process);
}

/** This user's running clusters, in order of name and file. Throws `HostError` RuntimeDirectory. */
export function listClusters(env: NodeJS.ProcessEnv = process.env): ClusterRecord[] {
  const parent = runtimeDirectory(env);
  const entries = readdirSync(parent);
  if (entries.length === 0) removeIfEmpty(parent);
  return entries
    .map((name) => readRecord(join(parent, name)))
    .filter((record) => record !== undefined)
    .filter(isRunning)
    .sort((a, b) => compare(a.name, b.name) || compare(a.file, b.file));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
