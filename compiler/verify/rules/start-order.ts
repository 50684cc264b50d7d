import type { Service } from "../../../model/core.ts";
import type { ObjectKey } from "../../../model/meta.ts";
import {
  afterCycle,
  hostCycle,
  initNeedsItself,
  serviceWithoutPods,
} from "../../diagnostics/catalog/cluster.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { Span } from "../../source/source.ts";
import type { Cluster } from "../cluster.ts";
import { titleOf } from "../cluster.ts";
import { cyclesOf, type Edge } from "../cycles.ts";
import { advise } from "../fixes.ts";
import type { Rule, Tell } from "../rule.ts";
import { quote } from "../words.ts";

/** Who waits for whom when the cluster starts: by `after`, and by the host names that containers are given. */
export const startOrder: Rule = (cluster, tell) => {
  const references = hostReferences(cluster);
  if (references.length === 0 && Object.keys(cluster.plan.after).length === 0) return;
  const after = afterEdges(cluster);
  const blocked = new Set<string>();
  for (const cycle of cyclesOf(after)) {
    for (const { from } of cycle) blocked.add(from);
    tell(circle(cluster, cycle, afterCycle));
  }
  const hosts = hostEdges(cluster, references).filter(({ from, to }) => from !== to);
  const free = [...after, ...hosts].filter(({ from, to }) => !blocked.has(from) && !blocked.has(to));
  for (const cycle of cyclesOf(free)) tell(circle(cluster, cycle, hostCycle));
  emptyServices(cluster, references, tell);
  initsAndThemselves(cluster, references, tell);
};

interface Wait {
  readonly span: Span;
  readonly text: string;
}

/** The rcs and pods that must be ready for an object to be: itself, or those that a service selects. */
function providers(cluster: Cluster, key: ObjectKey): readonly ObjectKey[] {
  const object = cluster.byKey.get(key);
  if (object?.kind !== "Service") return [key];
  const { selector } = (object as Service).spec;
  return cluster.matching(object.metadata.namespace ?? "", selector).map((workload) => workload.key);
}

function afterEdges(cluster: Cluster): Edge<Wait>[] {
  return Object.entries(cluster.plan.after).flatMap(([from, keys]) =>
    keys.flatMap((key, index) =>
      providers(cluster, key).map((to) => ({
        from,
        to,
        reason: { span: cluster.near(from, `after[${index}]`), text: `waits for ${named(cluster, key)}` },
      })),
    ),
  );
}

/** Of what containers are given at their start: variables, commands, arguments. */
function hostEdges(cluster: Cluster, references: readonly HostReference[]): Edge<Wait>[] {
  const edges: Edge<Wait>[] = [];
  for (const { from, path, service } of references) {
    const reason = { span: cluster.near(from, path), text: `is given ${named(cluster, service)}` };
    for (const to of providers(cluster, service)) edges.push({ from, to, reason });
  }
  return edges;
}

interface HostReference {
  readonly from: ObjectKey;
  readonly path: string;
  readonly service: ObjectKey;
}

function hostReferences(cluster: Cluster): readonly HostReference[] {
  const found: HostReference[] = [];
  const started = /ontainers\[\d+\]\.(?:env|command|args)\b/;
  for (const { key } of cluster.workloads) {
    const references = cluster.plan.references[key];
    if (!references) continue;
    for (const [path, parts] of Object.entries(references)) {
      if (!started.test(path)) continue;
      for (const part of parts)
        if (typeof part !== "string" && "host" in part) found.push({ from: key, path, service: part.host });
    }
  }
  return found;
}

function named(cluster: Cluster, key: ObjectKey): string {
  const object = cluster.byKey.get(key);
  return object ? titleOf(object) : quote(key);
}

function circle(cluster: Cluster, cycle: readonly Edge<Wait>[], make: typeof afterCycle): Diagnostic {
  const [first, ...others] = cycle;
  const chain = [...cycle.map(({ from }) => from), first!.from].map((key) => named(cluster, key)).join(" → ");
  return make(
    first!.reason.span,
    { chain },
    {
      label: `${named(cluster, first!.from)} ${first!.reason.text}`,
      secondary: others
        .slice(0, 6)
        .map(({ from, reason }) => ({ span: reason.span, text: `${named(cluster, from)} ${reason.text}` })),
    },
  );
}

/** A service whose pods are all scaled away answers nobody. One that selects no pod is told of elsewhere. */
function emptyServices(cluster: Cluster, references: readonly HostReference[], tell: Tell): void {
  const owners = new Map(cluster.workloads.map((workload) => [workload.key, workload]));
  for (const { from, path, service } of references) {
    const object = cluster.byKey.get(service) as Service | undefined;
    if (!object) continue;
    const selected = cluster.matching(object.metadata.namespace ?? "", object.spec.selector);
    if (selected.length === 0 || selected.some(({ replicas }) => replicas > 0)) continue;
    const given = owners.get(from)!;
    if (given.replicas === 0) continue;
    tell(
      serviceWithoutPods(
        cluster.near(from, path),
        { title: given.title, service: object.metadata.name },
        {
          secondary: selected.slice(0, 3).map((workload) => ({
            span: cluster.near(workload.key, "spec.replicas"),
            text: `${workload.title} has no replicas`,
          })),
        },
      ),
    );
  }
}

/** The pods of a service answer when their init containers are done, which must not need that answer. */
function initsAndThemselves(cluster: Cluster, references: readonly HostReference[], tell: Tell): void {
  const owners = new Map(cluster.workloads.map((workload) => [workload.key, workload]));
  const told = new Set<string>();
  for (const { from, path, service } of references) {
    const index = /initContainers\[(\d+)\]/.exec(path)?.[1];
    const object = cluster.byKey.get(service) as Service | undefined;
    const workload = owners.get(from);
    if (index === undefined || !object || !workload || object.spec.publishNotReadyAddresses) continue;
    const selected = cluster.matching(object.metadata.namespace ?? "", object.spec.selector);
    const place = `${from} ${index} ${service}`;
    if (selected.length !== 1 || selected[0] !== workload || told.has(place)) continue;
    told.add(place);
    tell(
      initNeedsItself(
        cluster.near(from, path),
        {
          init: workload.spec.initContainers?.[Number(index)]?.name ?? "",
          title: workload.title,
          service: object.metadata.name,
        },
        {
          fixes: [
            advise(
              "do that in a container of its own, or publish pods that are not ready: `publishNotReady: true`",
            ),
          ],
        },
      ),
    );
  }
}
