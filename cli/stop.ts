import { type ClusterRecord, isRunning, listClusters } from "../runtime/host/record.ts";
import { findCluster } from "./cluster.ts";
import { parseDuration } from "./duration.ts";
import { CommandError, exitCodes } from "./error.ts";

export interface StopOptions {
  readonly cluster?: string;
  readonly all?: boolean;
  readonly now?: boolean;
  readonly timeout?: string;
}

/** `kdsl stop`: ends a running cluster as Ctrl-C does, and waits until nothing of it is left. */
export async function stop(options: StopOptions): Promise<number> {
  if (options.all && options.cluster !== undefined)
    throw new CommandError("--all and --cluster exclude each other", exitCodes.usage);
  const timeout = parseDuration(options.timeout ?? "60s", "--timeout");
  const records = options.all ? listClusters() : [findCluster(options.cluster)];
  if (records.length === 0) console.error("no cluster is running");
  await Promise.all(records.map((record) => end(record, options.now === true, timeout)));
  return exitCodes.success;
}

async function end(record: ClusterRecord, now: boolean, timeout: number): Promise<void> {
  const deadline = Date.now() + timeout;
  signal(record, "SIGTERM");
  // A second signal ends pods without their grace.
  if (now) {
    await pause(50);
    signal(record, "SIGTERM");
  }
  while (isRunning(record)) {
    if (Date.now() > deadline)
      throw new CommandError(
        `cluster ${record.name} (pid ${record.process.pid}) is still ending after ${timeout / 1000} s`,
        exitCodes.failure,
        "kdsl stop --now gives its pods no grace",
      );
    await pause(25);
  }
  console.log(`cluster ${record.name} stopped`);
}

/** The record tells the process by pid and start time, so no other is ever signalled. */
function signal(record: ClusterRecord, name: NodeJS.Signals): void {
  if (!isRunning(record)) return;
  try {
    process.kill(record.process.pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return;
    throw new CommandError(`cannot stop cluster ${record.name}: ${(error as Error).message}`);
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
