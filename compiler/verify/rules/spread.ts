import type { Labels } from "../../../model/meta.ts";
import { mapMatches, matches, type Requirement } from "../../../model/selector.ts";
import { cannotSpread, spreadKeyMissing } from "../../diagnostics/catalog/pods.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { Cluster, Workload } from "../cluster.ts";
import { asksOf, obstacles, type Placed, placementOf, type Site } from "../placement.ts";
import type { Rule, Tell } from "../rule.ts";
import { quote } from "../words.ts";
import { podsOn } from "./capacity.ts";

/** Hard rules about how the pods of one workload spread: whether the nodes have places enough. Silent without nodes. */
export const spread: Rule = (cluster, tell) => {
  const { sites, placed } = placementOf(cluster);
  for (const each of placed) {
    if (each.sites.length === 0 || each.workload.replicas === 0) continue;
    apart(cluster, each, sites, tell);
    even(cluster, each, sites, tell);
  }
};

interface LabelSelector {
  readonly matchLabels?: Labels;
  readonly matchExpressions?: readonly Requirement[];
}

interface AntiAffinityTerm {
  readonly labelSelector?: LabelSelector;
  readonly topologyKey: string;
  readonly namespaces?: readonly string[];
}

interface SpreadConstraint {
  readonly maxSkew?: number;
  readonly topologyKey: string;
  readonly whenUnsatisfiable?: string;
  readonly labelSelector?: LabelSelector;
  readonly minDomains?: number;
  readonly nodeAffinityPolicy?: string;
  readonly nodeTaintsPolicy?: string;
}

function selects(selector: LabelSelector | undefined, labels: Labels): boolean {
  if (!selector) return false;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  if (Object.keys(matchLabels).length > 0 && !mapMatches(matchLabels, labels)) return false;
  return matches(
    matchExpressions.map(({ key, operator, values = [] }) => ({ key, operator, values })),
    labels,
  );
}

const listOf = <T>(value: unknown): readonly T[] => (Array.isArray(value) ? (value as T[]) : []);

/** Anti-affinity against its own pods: one in each domain. */
function apart(cluster: Cluster, placed: Placed, sites: readonly Site[], tell: Tell): void {
  const { workload } = placed;
  const affinity = workload.spec.affinity as
    | { podAntiAffinity?: { requiredDuringSchedulingIgnoredDuringExecution?: unknown } }
    | undefined;
  const required = affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  for (const [index, term] of listOf<AntiAffinityTerm>(required).entries()) {
    if (!selects(term.labelSelector, workload.labels)) continue;
    if (term.namespaces && !term.namespaces.includes(workload.namespace)) continue;
    const domains = placed.sites.map((site) => sites[site]!.labels[term.topologyKey]);
    // On a node without the label the rule does not count, so that any number may run there.
    if (domains.includes(undefined)) continue;
    const most = new Set(domains).size;
    if (workload.replicas <= most) continue;
    const path = `${workload.specPath}.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[${index}]`;
    tell(
      refused(cluster, workload, path, term.topologyKey, most, [
        `no two of them may share one, and there are ${most}: ${[...new Set(domains)]
          .slice(0, 6)
          .map((each) => quote(each!))
          .join(", ")}`,
      ]),
    );
  }
}

/** Topology spread: no domain may have `maxSkew` more than the one that has the fewest. */
function even(cluster: Cluster, placed: Placed, sites: readonly Site[], tell: Tell): void {
  const { workload } = placed;
  const { topologySpreadConstraints } = workload.spec as { topologySpreadConstraints?: unknown };
  for (const [index, constraint] of listOf<SpreadConstraint>(topologySpreadConstraints).entries()) {
    const { topologyKey: key, whenUnsatisfiable = "DoNotSchedule", maxSkew = 1 } = constraint;
    if (whenUnsatisfiable !== "DoNotSchedule") continue;
    const path = `${workload.specPath}.topologySpreadConstraints[${index}]`;
    const rooms = domainRooms(placed, sites, constraint);
    if (rooms.size === 0) {
      tell(spreadKeyMissing(cluster.near(workload.key, path), { title: workload.title, key }));
      continue;
    }
    if (!selects(constraint.labelSelector, workload.labels)) continue;
    const counts = [...rooms.values()];
    // With fewer domains than asked for, those that are missing count as empty.
    const enough = rooms.size >= (constraint.minDomains ?? 1);
    const least = enough ? counts.reduce((a, b) => Math.min(a, b)) : 0;
    const most = counts.reduce((sum, room) => sum + Math.min(room, least + maxSkew), 0);
    if (workload.replicas <= most) continue;
    const terms = [...rooms].slice(0, 6).map(([value, room]) => `${room} (${quote(value)})`);
    tell(
      refused(cluster, workload, path, key, most, [
        `even empty, each of these holds at most: ${terms.join(", ")}`,
        `none may have more than ${maxSkew} over the least of them, which is ${least}`,
      ]),
    );
  }
}

/** How many pods each domain holds. Nodes where none can run count as domains too, if the rule says so; by default those with taints. */
function domainRooms(placed: Placed, sites: readonly Site[], rule: SpreadConstraint): Map<string, number> {
  const { workload, asks } = placed;
  const rooms = new Map<string, number>();
  const fitting = new Set(placed.sites);
  for (const [index, site] of sites.entries()) {
    const domain = site.labels[rule.topologyKey];
    if (domain === undefined) continue;
    if (!fitting.has(index)) {
      const chosen = obstacles(workload, asksOf(workload), site)[0]?.kind !== "choice";
      const counts = chosen ? rule.nodeTaintsPolicy !== "Honor" : rule.nodeAffinityPolicy === "Ignore";
      if (!counts) continue;
    }
    const room = fitting.has(index) ? podsOn(site, asks).pods : 0;
    rooms.set(domain, (rooms.get(domain) ?? 0) + room);
  }
  return rooms;
}

function refused(
  cluster: Cluster,
  workload: Workload,
  path: string,
  key: string,
  most: number,
  notes: readonly string[],
): Diagnostic {
  const replicas = cluster.at(workload.key, "spec.replicas");
  return cannotSpread(
    cluster.near(workload.key, path),
    { title: workload.title, replicas: workload.replicas, most, key },
    { notes, secondary: replicas ? [{ span: replicas, text: `${workload.replicas} pods` }] : [] },
  );
}
