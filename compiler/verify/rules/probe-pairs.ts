import type { Container, Probe } from "../../../model/core.ts";
import { sameJson } from "../../../model/validation/equal.ts";
import { liveAsFastAsReady, liveBeforeReady, probeOfNeighbour } from "../../diagnostics/catalog/pods.ts";
import type { Cluster, PlacedContainer, Workload } from "../cluster.ts";
import { advise, narrow } from "../fixes.ts";
import type { Rule, Tell } from "../rule.ts";

/** Probes beside each other: what one does while another waits. */
export const probePairs: Rule = (cluster, tell) => {
  for (const workload of cluster.workloads) {
    for (const placed of workload.containers) {
      liveAndReady(cluster, workload, placed, tell);
      neighbour(cluster, workload, placed, tell);
    }
  }
};

const period = (probe: Probe) => probe.periodSeconds ?? 10;
const failures = (probe: Probe) => probe.failureThreshold ?? 3;

/** The probe's question, without its timing. */
const question = ({ exec, httpGet, tcpSocket }: Probe) => ({ exec, httpGet, tcpSocket });
const asks = (probe: Probe, container: Container) => {
  const port = probe.httpGet?.port ?? probe.tcpSocket?.port;
  return container.ports?.find(({ name }) => name === port)?.containerPort ?? port;
};

function liveAndReady(
  cluster: Cluster,
  { key }: Workload,
  { container, path }: PlacedContainer,
  tell: Tell,
): void {
  const { livenessProbe: live, readinessProbe: ready, startupProbe } = container;
  if (!live || !ready) return;
  const secondary = [{ span: cluster.near(key, `${path}.readinessProbe`), text: "`ready`" }];
  const span = cluster.near(key, `${path}.livenessProbe`);
  const kill = (live.initialDelaySeconds ?? 0) + (failures(live) - 1) * period(live);
  const begins = ready.initialDelaySeconds ?? 0;
  const samePort = asks(live, container) !== undefined && asks(live, container) === asks(ready, container);
  if (!startupProbe && samePort && begins > kill + (live.timeoutSeconds ?? 1)) {
    tell(
      liveBeforeReady(
        span,
        { container: container.name, kill, ready: begins },
        {
          secondary,
          fixes: [
            advise("add a `started` probe, which `live` waits for, or let `live` begin as late (`after: …`)"),
          ],
        },
      ),
    );
    return;
  }
  const [dies, leaves] = [failures(live) * period(live), failures(ready) * period(ready)];
  if (dies <= leaves && sameJson(question(live), question(ready)))
    tell(
      liveAsFastAsReady(
        span,
        { container: container.name, live: dies, ready: leaves },
        { secondary, fixes: [advise("let `live` wait longer (`failures: 6`), or ask something simpler")] },
      ),
    );
}

const deadly = [
  ["livenessProbe", "live"],
  ["startupProbe", "started"],
] as const;

/** Names are looked up in the container itself, numbers anywhere in the pod. */
function neighbour(
  cluster: Cluster,
  { key, spec }: Workload,
  { container, path }: PlacedContainer,
  tell: Tell,
): void {
  if (spec.containers.length < 2 || !(container.livenessProbe || container.startupProbe)) return;
  for (const [field, probe] of deadly) {
    const handler = container[field]?.httpGet ? "httpGet" : "tcpSocket";
    const port = container[field]?.[handler]?.port;
    if (typeof port !== "number" || container[field]?.[handler]?.host) continue;
    const has = (one: Container) => one.ports?.some(({ containerPort }) => containerPort === port) === true;
    const other = spec.containers.find((one) => one !== container && has(one));
    if (!other || has(container)) continue;
    tell(
      probeOfNeighbour(
        narrow(cluster.near(key, `${path}.${field}.${handler}.port`), String(port)),
        {
          probe,
          container: container.name,
          port,
          other: other.name,
        },
        { fixes: [advise(`move the probe to container \`${other.name}\``)] },
      ),
    );
  }
}
