import { dirname, resolve } from "node:path";
import type { Plan } from "../../model/plan.ts";
import { managedByPlan } from "../../runtime/apiserver/managed/plan.ts";
import { createApiServer } from "../../runtime/apiserver/server.ts";
import type { SecretReader } from "../../runtime/apply.ts";
import { type Cluster, createCluster } from "../../runtime/cluster.ts";
import { createHostEnvironment, type HostEnvironment } from "../../runtime/host/environment.ts";
import { serveUnix, standardLimits } from "../../runtime/host/http.ts";
import { CommandError } from "../error.ts";
import { largestPlan } from "../plan-request.ts";
import { version } from "../version.ts";
import { type PlanAccess, withPlan } from "./plan-server.ts";
import { hopeless, unready } from "./progress.ts";

/** A cluster that runs in this process, with the server that other commands reach it by. */
export interface Session {
  readonly cluster: Cluster;
  readonly host: HostEnvironment;
  /** Fulfilled when nothing is waited for any more; rejected with what is missing when `milliseconds` have passed. */
  untilReady(milliseconds: number): Promise<void>;
  /** Takes everything down: pods gracefully (or at once), then proxies, sockets and files. A second call hurries the first. */
  close(options: { graceful: boolean }): Promise<void>;
}

export interface SessionOptions {
  readonly plan: Plan;
  readonly file: string;
  readonly readSecret: SecretReader;
  readonly kubeconfig?: string;
  /** Pods are in namespaces of their own. */
  readonly isolate: boolean;
  /** What `kdsl apply` asks of this run. */
  readonly applyPlan: (session: Pick<Session, "cluster" | "host">) => PlanAccess["apply"];
  readonly say: (line: string) => void;
}

export async function startSession(options: SessionOptions): Promise<Session> {
  const { plan, file, readSecret, say } = options;
  let cluster: Cluster | undefined;
  const servers: { close(): Promise<void> }[] = [];
  const host = await createHostEnvironment({
    name: plan.name,
    file,
    version,
    ...(plan.cluster?.nodePorts ? { nodePorts: plan.cluster.nodePorts } : {}),
    isolate: options.isolate,
    ranges: {
      ...(plan.cluster?.serviceRange ? { serviceCIDR: plan.cluster.serviceRange } : {}),
      ...(plan.cluster?.podRange ? { podCIDR: plan.cluster.podRange } : {}),
    },
    onLogLost: (podUid, container, error) => {
      const pod = cluster?.client.list("Pod").find((each) => each.metadata.uid === podUid);
      if (!cluster || !pod) return;
      const message = `Output of container ${container} is being lost: ${(error as Error).message}`;
      cluster.client.event(pod, "kubelet", "Warning", "LogsLost", message, {
        fieldPath: `spec.containers{${container}}`,
      });
    },
  });
  try {
    refuse(host, plan, say);
    cluster = createCluster({
      environment: host.environment,
      readSecret,
      fileDirectory: dirname(resolve(file)),
      manage: (live, next) => managedByPlan(host.environment.clock.now(), live, next),
      onError: (loop, key, error) => host.log(`${loop} ${key}: ${(error as Error).stack ?? error}`),
    });
    const running = cluster;
    const api = createApiServer({
      backend: cluster.registry,
      logs: host.logs,
      usage: host.usage,
      version,
      network: cluster.network,
      clock: host.environment.clock,
    });
    const plans = withPlan(api, {
      current: () => running.plan,
      apply: options.applyPlan({ cluster: running, host }),
    });
    servers.push(
      await serveUnix(
        plans,
        host.claim.socketPath,
        { ...standardLimits, requestBytes: largestPlan },
        host.pods,
      ),
    );
    if (options.kubeconfig) {
      const { serveForKubectl } = await import("../../runtime/host/kubeconfig.ts");
      const path = resolve(options.kubeconfig);
      const served = await serveForKubectl(api, { cluster: plan.name, path, pods: host.pods });
      servers.push(served);
      say(served.exportLine);
    }
    await new Promise<void>((done) => running.startNodes(plan, done));
    const { refused } = running.apply(plan);
    const [first] = refused;
    if (first) throw new CommandError(`${first.key} was refused: ${first.message}`);
    return {
      cluster: running,
      host,
      untilReady: (milliseconds) => untilReady(running, milliseconds),
      close: closer(running, host, servers),
    };
  } catch (error) {
    const started = cluster;
    if (started) await new Promise<void>((done) => started.shutDown({ graceful: false }, done));
    started?.stop();
    await Promise.all(servers.map((server) => server.close()));
    await host.close();
    throw error;
  }
}

/** What in the plan this machine cannot run at all; undefined where it can run everything. */
export function hostRefusal(host: HostEnvironment, plan: Plan): string | undefined {
  const errors = host.checkPlan(plan).filter(({ severity }) => severity === "error");
  return errors.length > 0 ? errors.map((each) => host.formatNotice(each, plan)).join("\n") : undefined;
}

/** Says what this machine gives the plan in another way, or not; refuses what it cannot run. */
function refuse(host: HostEnvironment, plan: Plan, say: (line: string) => void): void {
  for (const notice of host.checkPlan(plan))
    if (notice.severity !== "error") say(host.formatNotice(notice, plan));
  const refusal = hostRefusal(host, plan);
  if (refusal !== undefined) throw new CommandError(refusal);
}

function untilReady(cluster: Cluster, milliseconds: number): Promise<void> {
  return new Promise((done, fail) => {
    const kinds = ["Pod", "ReplicationController", "Endpoints", "Service"] as const;
    let stops: (() => void)[] = [];
    let looking = false;
    const startedAt = Date.now();
    const finish = (missing: readonly string[]) => {
      clearTimeout(timer);
      for (const stop of stops) stop();
      stops = [];
      if (missing.length === 0) done();
      else
        fail(
          new CommandError(
            `not ready after ${((Date.now() - startedAt) / 1000).toFixed(1)} s:\n  ${missing.join("\n  ")}`,
          ),
        );
    };
    const timer = setTimeout(() => finish(unready(cluster)), milliseconds);
    // A cluster that is taken down before it was ready is not waited for any more.
    timer.unref();
    const look = () => {
      if (looking) return;
      looking = true;
      setImmediate(() => {
        looking = false;
        if (stops.length === 0) return;
        const missing = unready(cluster);
        if (missing.length === 0 || hopeless(cluster.client)) finish(missing);
      });
    };
    stops = kinds.map((kind) => cluster.client.watch(kind, look));
    look();
  });
}

function closer(
  cluster: Cluster,
  host: HostEnvironment,
  servers: readonly { close(): Promise<void> }[],
): Session["close"] {
  let closing: Promise<void> | undefined;
  return ({ graceful }) => {
    if (closing && !graceful) cluster.shutDown({ graceful: false }, () => {});
    closing ??= (async () => {
      // What is waited for here (processes that end) does not by itself keep this process running.
      const running = setInterval(() => {}, 1000);
      await new Promise<void>((done) => cluster.shutDown({ graceful }, done));
      cluster.stop();
      await Promise.all(servers.map((server) => server.close()));
      await host.close();
      clearInterval(running);
    })();
    return closing;
  };
}
