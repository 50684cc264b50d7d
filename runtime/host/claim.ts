import { createHash, randomBytes } from "node:crypto";
import { existsSync, lstatSync, readdirSync, realpathSync, renameSync } from "node:fs";
import { rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { removeIfEmpty, runtimeDirectory } from "./directory.ts";
import { HostError, reasonOf } from "./errors.ts";
import { startGuardian, type Watcher } from "./guardian.ts";
import { withLock } from "./lock.ts";
import { bootId } from "./machine.ts";
import { claimNetwork, type NetworkClaim } from "./network.ts";
import { identityOf, isAlive, killByVariable, signal } from "./processes.ts";
import { type ClusterRecord, isRunning, readRecord, writeRecord } from "./record.ts";

export { type ClusterRecord, isRunning, listClusters } from "./record.ts";

/** A cluster's place on this machine, held until `release` or the end of this process. */
export interface Claim {
  record(): ClusterRecord;
  /** Mode 0700. */
  readonly directory: string;
  /** Where the API's Unix socket belongs. */
  readonly socketPath: string;
  /** The cluster has 127.`x`.0.0/16. */
  readonly x: number;
  /** Writes into the record where else the cluster is found: sockets, ports. */
  update(endpoints: Readonly<Record<string, string | number>>): void;
  /** Gives everything back: the directory with all that is in it, the guardian, the addresses. */
  release(): Promise<void>;
}

export interface ClaimOptions {
  readonly name: string;
  /** What is run; its real path is the cluster's identity. */
  readonly file: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** What `sockaddr_un` holds; a longer path would be cut off without a word. */
const longestSocketPath = 107;

/** The name of a cluster's directory: one for each file, whatever path leads to it. */
export function directoryName(name: string, file: string): string {
  const real = existsSync(file) ? realpathSync(file) : file;
  const safe = name.replaceAll(/[^A-Za-z0-9._-]/g, "-").slice(0, 40);
  return `${safe}-${createHash("sha256").update(real).digest("hex").slice(0, 8)}`;
}

/**
 * Claims a place for a cluster. What killed runs left over (processes, directories) is removed on the way.
 *
 * Throws `HostError` AlreadyRunning (`details.pid`), RuntimeDirectory, NoFreeNetwork, UnsupportedPlatform, Busy.
 */
export async function claimCluster(options: ClaimOptions): Promise<Claim> {
  if (process.platform !== "linux") {
    throw new HostError(
      "UnsupportedPlatform",
      `clusters run on Linux only, where every pod can have an address in 127.0.0.0/8 (this is ${process.platform}); \`kdsl check\` and \`kdsl compile\` run everywhere`,
    );
  }
  const parent = runtimeDirectory(options.env);
  const lockName = createHash("sha256").update(parent).digest("hex").slice(0, 16);
  return withLock(lockName, () => claimLocked(parent, options));
}

async function claimLocked(parent: string, { name, file }: ClaimOptions): Promise<Claim> {
  const directory = join(parent, directoryName(name, file));
  const socketPath = join(directory, "api.sock");
  if (Buffer.byteLength(socketPath) > longestSocketPath) {
    throw new HostError(
      "RuntimeDirectory",
      `the directory ${parent} has too long a path for a socket in it (at most ${longestSocketPath} bytes: ${socketPath}); set XDG_RUNTIME_DIR to a directory with a shorter one`,
    );
  }
  const running = readRecord(directory);
  if (running && isRunning(running)) {
    throw new HostError(
      "AlreadyRunning",
      `${running.file} is running already, as cluster ${running.name} (pid ${running.process.pid}, since ${running.startedAt}); stop it with \`kdsl stop --cluster ${running.name}\``,
      { pid: running.process.pid, name: running.name },
    );
  }
  await cleanStale(parent);
  if (existsSync(directory)) {
    throw new HostError("RuntimeDirectory", `${directory} is in the way and was not made by kdsl; remove it`);
  }
  const network = await claimNetwork(`${name}/${file}`);
  const id = `${directoryName(name, file)}-${randomBytes(6).toString("hex")}`;
  const guardian = startGuardian(id, directory);
  try {
    await guardian.said;
    const record: ClusterRecord = {
      version: 1,
      id,
      name,
      file: existsSync(file) ? realpathSync(file) : file,
      directory,
      socketPath,
      network: `127.${network.x}.0.0/16`,
      process: identityOf(process.pid),
      bootId: bootId(),
      guardian: guardian.identity,
      startedAt: new Date().toISOString(),
      endpoints: {},
    };
    // A directory without a record is never seen under its final name.
    await placeRecord(record, join(parent, `.new-${process.pid}`));
    return holdClaim(record, network, guardian);
  } catch (error) {
    await guardian.quit();
    await network.close();
    throw error;
  }
}

async function placeRecord(record: ClusterRecord, fresh: string): Promise<void> {
  try {
    writeRecord(record, fresh);
    renameSync(fresh, record.directory);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw new HostError(
      "RuntimeDirectory",
      `cannot write into ${dirname(record.directory)}: ${reasonOf(error)}; make room, or let XDG_RUNTIME_DIR name a folder that has some`,
    );
  }
}

function holdClaim(first: ClusterRecord, network: NetworkClaim, firstGuardian: Watcher): Claim {
  let record = first;
  let guardian = firstGuardian;
  let released = false;
  const write = (changes: Partial<ClusterRecord>) => {
    record = { ...record, ...changes };
    writeRecord(record);
  };
  // Someone who kills the guardian must not take its promise with it.
  const watch = (watched: Watcher) => {
    void watched.ended.then(() => {
      if (released) return;
      guardian = startGuardian(record.id, record.directory);
      try {
        write({ guardian: guardian.identity });
      } catch {
        // The directory is gone or full; the guardian stands without being on record.
      }
      watch(guardian);
    });
  };
  watch(guardian);
  return {
    record: () => record,
    directory: record.directory,
    socketPath: record.socketPath,
    x: network.x,
    update: (endpoints) => write({ endpoints: { ...record.endpoints, ...endpoints } }),
    async release() {
      if (released) return;
      released = true;
      killByVariable("KDSL_CLUSTER", (value) => value === record.id);
      await rm(record.directory, { recursive: true, force: true, maxRetries: 3 });
      removeIfEmpty(dirname(record.directory));
      await guardian.quit();
      await network.close();
    },
  };
}

/** Removes what runs that are gone have left. Only under the lock. */
async function cleanStale(parent: string): Promise<void> {
  for (const entry of existsSync(parent) ? readdirSync(parent) : []) {
    const path = join(parent, entry);
    if (entry.startsWith(".new-")) {
      await rm(path, { recursive: true, force: true });
      continue;
    }
    if (!lstatSync(path).isDirectory() || !existsSync(join(path, "record.json"))) continue;
    const record = readRecord(path);
    if (record && isRunning(record)) continue;
    if (record) await clearRun(record);
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Ends the processes of a run that is gone: first its guardian, which would remove the directory under a new run's feet. */
async function clearRun(record: ClusterRecord): Promise<void> {
  if (record.bootId !== bootId()) return;
  if (isAlive(record.guardian)) {
    signal(-record.guardian.pid, "SIGKILL");
    for (let round = 0; round < 100 && signal(-record.guardian.pid, 0); round++) {
      if (!isAlive(record.guardian)) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
  killByVariable("KDSL_CLUSTER", (value) => value === record.id);
}
