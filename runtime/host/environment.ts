import { randomBytes } from "node:crypto";
import { dirname, resolve } from "node:path";
import { seededRandom } from "../../base/random.ts";
import type { Plan } from "../../model/plan.ts";
import type { Environment, NetworkPlan } from "../environment.ts";
import { checkPlan, type DriverCapabilities } from "./check/check.ts";
import { formatNotice, type Notice } from "./check/notice.ts";
import { type Claim, claimCluster } from "./claim.ts";
import { systemClock } from "./clock.ts";
import { HostError } from "./errors.ts";
import { createIsolation, type Isolation, type Ranges, standardRanges } from "./isolation/network.ts";
import { type LogQuery, readLogs } from "./logs.ts";
import { readMachine } from "./machine.ts";
import { isolatedNetworkPlan, networkPlan } from "./network.ts";
import { createProcessDriver, type ProcessDriver } from "./process/driver.ts";
import { asUser, type NamespaceProbe, probeNamespaces } from "./process/namespace.ts";
import { createHostProxy, type HostProxy } from "./proxy/proxy.ts";
import { openRuntimeLog, type RuntimeLog } from "./runtime-log.ts";
import { machineSockets } from "./sockets.ts";
import { type StreamPods, streamPods } from "./streams/pods.ts";

/** This machine, as a cluster's loops and commands use it. */
export interface HostEnvironment {
  readonly environment: Environment;
  readonly claim: Claim;
  readonly capabilities: DriverCapabilities;
  /** What the plan asks for that cannot be had here, or is had in another way. */
  checkPlan(plan: Plan): Notice[];
  formatNotice(notice: Notice, plan: Plan): string;
  /** Reads what containers printed: `logs(query)` or `logs.read(query)`. */
  readonly logs: LogReader;
  /** The pods that run, for streams. */
  readonly pods: StreamPods;
  /** What the containers' processes have used up to now. */
  readonly usage: ProcessDriver["usage"];
  /** The command, with its arguments, before one that is to reach pods and services at their addresses; mostly empty. */
  readonly within: readonly string[];
  /** Writes a line into `runtime.log` in the cluster's directory: for defects, never for users' mistakes. */
  readonly log: (text: string) => void;
  /** Ends every process and connection and gives back addresses and files. Nothing of the cluster is left. */
  close(): Promise<void>;
}

type ReadLogs = (query: Omit<LogQuery, "directory">) => AsyncGenerator<string, void, void>;
export type LogReader = ReadLogs & { readonly read: ReadLogs };

export interface HostEnvironmentOptions {
  /** The cluster's. */
  readonly name: string;
  /** What is being run; one cluster for each file. */
  readonly file: string;
  readonly version?: string;
  /** `off`: programs see this machine as it is, whatever it could give. */
  readonly namespaces?: "auto" | "off";
  /** Every pod has a network of its own, in these ranges, and its own processes; else all are among this machine's. */
  readonly isolate?: boolean;
  readonly ranges?: Partial<Ranges>;
  /** The environment of the caller. */
  readonly env?: NodeJS.ProcessEnv;
  readonly seed?: number;
  /** The ports of nodes that services may have; Kubernetes' own when left out. */
  readonly nodePorts?: NetworkPlan["nodePorts"];
  /** Hears once that what a container prints cannot be kept any more: the disk is full. */
  readonly onLogLost?: (podUid: string, container: string, error: unknown) => void;
}

/**
 * Claims a place for a cluster on this machine and puts together what its loops need.
 *
 * Throws `HostError` (see `claimCluster`); then nothing is left behind.
 */
export async function createHostEnvironment(options: HostEnvironmentOptions): Promise<HostEnvironment> {
  const { name, file, version = "0.0.0", env = process.env } = options;
  const claim = await claimCluster({ name, file, env });
  let isolation: Isolation | undefined;
  try {
    const { directory } = claim;
    const probe = options.namespaces === "off" ? { missing: "turned off" } : await probeNamespaces(directory);
    const tools = "tools" in probe ? probe.tools : undefined;
    if (options.isolate) isolation = await isolated(probe, claim, options.ranges);
    const random = seededRandom(options.seed ?? randomBytes(4).readUInt32LE());
    const driver = createProcessDriver({
      directory,
      clusterId: claim.record().id,
      tools,
      caller: env,
      version,
      ...(isolation ? { isolation } : {}),
      ...(options.onLogLost ? { onLogLost: options.onLogLost } : {}),
    });
    const { sockets = machineSockets } = isolation ?? {};
    const proxy = createHostProxy({ random: random.fork("proxy"), nameOf: driver.nameOf, sockets });
    const network = isolation
      ? isolatedNetworkPlan(isolation.ranges, options.nodePorts)
      : networkPlan(claim.x, undefined, options.nodePorts);
    const capabilities: DriverCapabilities = {
      namespaces: tools !== undefined,
      isolated: isolation !== undefined,
      ...(isolation?.noWayOut === undefined ? {} : { noWayOut: isolation.noWayOut }),
      ...("missing" in probe ? { namespacesMissing: probe.missing } : {}),
      openPort: network.openPort,
      env,
      fileDirectory: dirname(resolve(file)),
    };
    const environment: Environment = {
      clock: systemClock(),
      random,
      driver,
      proxy,
      machine: readMachine(version, directory),
      network,
    };
    const read: ReadLogs = (query) => readLogs({ ...query, directory });
    const log = openRuntimeLog(directory);
    return {
      environment,
      claim,
      capabilities,
      checkPlan: (plan) => checkPlan(plan, capabilities),
      formatNotice,
      logs: Object.assign((query: Omit<LogQuery, "directory">) => read(query), { read }),
      pods: streamPods(driver.pods, network, sockets),
      usage: driver.usage,
      within: isolation && tools ? [...isolation.enter, ...asUser(tools)] : [],
      log: log.write,
      close: closer(claim, driver, proxy, log, isolation),
    };
  } catch (error) {
    isolation?.close();
    await claim.release();
    throw error;
  }
}

function isolated(probe: NamespaceProbe, claim: Claim, ranges: Partial<Ranges> = {}): Promise<Isolation> {
  if ("missing" in probe)
    throw new HostError(
      "NoIsolation",
      `pods cannot be isolated here: user namespaces are not to be had (${probe.missing}); run without --isolate`,
    );
  return createIsolation({
    tools: probe.tools,
    ranges: { ...standardRanges, ...ranges },
    clusterId: claim.record().id,
  });
}

function closer(
  claim: Claim,
  driver: ProcessDriver,
  proxy: HostProxy,
  log: RuntimeLog,
  isolation: Isolation | undefined,
): () => Promise<void> {
  let closing: Promise<void> | undefined;
  return () => {
    closing ??= (async () => {
      proxy.close();
      await driver.close();
      isolation?.close();
      log.close();
      await claim.release();
    })();
    return closing;
  };
}
