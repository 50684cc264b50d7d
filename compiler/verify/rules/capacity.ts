import { hostPortCrowded } from "../../diagnostics/catalog/cluster.ts";
import { replicasCrowded, roomShort } from "../../diagnostics/catalog/pods.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { Cluster, Workload } from "../cluster.ts";
import { type Placed, placementOf, roomFor, type Site } from "../placement.ts";
import type { Rule, Tell } from "../rule.ts";
import { amountText, join, quote, resourceName } from "../words.ts";
import { askedAt } from "./nodes.ts";

/**
 * Whether all pods have room together, on the nodes that they may run on. Pods that fit no node at all are told of
 * elsewhere and left out here. Silent without nodes.
 */
export const capacity: Rule = (cluster, tell) => {
  const { sites, placed: all } = placementOf(cluster);
  const placed = all.filter((each) => each.sites.length > 0 && each.workload.replicas > 0);
  const groups = groupsOf(placed);
  const told = new Set<string>();
  const short = new Set<Workload>();
  for (const group of groups) {
    for (const resource of resourcesOf(group.members)) {
      if (told.has(resource)) continue;
      const found = shortage(cluster, group, resource, sites);
      if (!found) continue;
      told.add(resource);
      for (const { workload } of group.members) short.add(workload);
      tell(found);
    }
  }
  const others = placed.filter(({ workload }) => !short.has(workload));
  crowded(cluster, others, sites, tell);
  hostPorts(cluster, placed, groups, tell);
};

/** Nodes, and the workloads that can run on no others. */
interface Group {
  readonly sites: readonly number[];
  readonly members: readonly Placed[];
}

const mostGroups = 64;

/** One for each set of nodes that some workload is bound to, the smallest first, and one for all. */
function groupsOf(placed: readonly Placed[]): readonly Group[] {
  // Workloads that ask for the same share one array, so that sets are compared once each.
  const sets = new Map<readonly number[], Placed[]>();
  for (const each of placed) {
    const list = sets.get(each.sites);
    if (list) list.push(each);
    else sets.set(each.sites, [each]);
  }
  const distinct = new Map([...sets.keys()].map((sites) => [sites.join(), sites]));
  const all = [...new Set([...sets.keys()].flat())].sort((a, b) => a - b);
  // With very many different sets the whole is still looked at.
  if (distinct.size > mostGroups) distinct.clear();
  distinct.set(all.join(), all);
  return [...distinct.values()]
    .sort((left, right) => left.length - right.length)
    .map((sites) => {
      const within = new Set(sites);
      const members = [...sets].flatMap(([own, list]) => (own.every((site) => within.has(site)) ? list : []));
      return { sites, members };
    });
}

function resourcesOf(members: readonly Placed[]): string[] {
  return [...new Set(members.flatMap(({ asks }) => [...asks.keys()]))];
}

function shortage(
  cluster: Cluster,
  group: Group,
  resource: string,
  sites: readonly Site[],
): Diagnostic | undefined {
  let there = 0;
  const rooms: string[] = [];
  for (const index of group.sites) {
    const site = sites[index]!;
    const has = roomFor(site, resource);
    if (has === undefined) return undefined;
    there += has;
    rooms.push(`${amountText(resource, has)} (${quote(site.node.name)})`);
  }
  const parts = group.members
    .map(({ workload, asks }) => ({ workload, each: asks.get(resource) ?? 0 }))
    .filter(({ each }) => each > 0)
    .sort((left, right) => right.each * right.workload.replicas - left.each * left.workload.replicas);
  const asked = parts.reduce((sum, { workload, each }) => sum + each * workload.replicas, 0);
  if (asked <= there) return undefined;
  const sums = parts.map(({ workload, each }) => {
    const times = workload.replicas === 1 ? "" : `${workload.replicas} × `;
    return `${times}${amountText(resource, each)} (${workload.title})`;
  });
  const name = resourceName(resource);
  const [largest, ...others] = parts;
  return roomShort(
    askedAt(cluster, largest!.workload, resource).span,
    {
      resource: name,
      asked: amountText(resource, asked),
      there: amountText(resource, there),
      where: group.sites.length === sites.length ? "the nodes have" : "the nodes that they may run on have",
    },
    {
      label: `${largest!.workload.title} asks for ${sums[0]!.replace(/ \(.*$/, "")}`,
      secondary: others.slice(0, 3).map(({ workload }, index) => ({
        span: askedAt(cluster, workload, resource).span,
        text: `${workload.title} asks for ${sums[index + 1]!.replace(/ \(.*$/, "")}`,
      })),
      notes: [
        `asked: ${plus(sums)} = ${amountText(resource, asked)}`,
        `there: ${plus(rooms)} = ${amountText(resource, there)}`,
      ],
    },
  );
}

const mostTerms = 6;

function plus(terms: readonly string[]): string {
  const more = terms.length - mostTerms;
  return [...terms.slice(0, mostTerms), ...(more > 0 ? [`${more} more`] : [])].join(" + ");
}

/** Pods do not spread over nodes, so that of one kind only so many fit, even where in sum there is enough. */
function crowded(cluster: Cluster, placed: readonly Placed[], sites: readonly Site[], tell: Tell): void {
  // Workloads that ask for the same share one array of sites.
  const known = new Map<readonly number[], number>();
  for (const { workload, asks, sites: own } of placed) {
    let fit = known.get(own);
    if (fit === undefined) {
      fit = own.reduce((sum, index) => sum + podsOn(sites[index]!, asks).pods, 0);
      known.set(own, fit);
    }
    if (fit >= workload.replicas) continue;
    const counts = own.map((index) => ({ site: sites[index]!, ...podsOn(sites[index]!, asks) }));
    const tightest = counts.find(({ resource }) => resource !== "pods")?.resource ?? "pods";
    const { span, text } = askedAt(cluster, workload, tightest);
    const terms = counts.map(({ site, pods }) => `${pods} (${quote(site.node.name)})`);
    tell(
      replicasCrowded(
        span,
        { title: workload.title, replicas: workload.replicas, fit },
        { notes: [text, `even empty, the nodes hold ${plus(terms)} = ${fit} of them`] },
      ),
    );
  }
}

/** How many such pods an empty node holds, and the resource that holds no more. */
export function podsOn(site: Site, asks: ReadonlyMap<string, number>): { pods: number; resource: string } {
  let tightest = { pods: Number.POSITIVE_INFINITY, resource: "pods" };
  for (const [resource, amount] of asks) {
    const pods = Math.floor((roomFor(site, resource) ?? Number.POSITIVE_INFINITY) / amount);
    if (pods < tightest.pods) tightest = { pods, resource };
  }
  return tightest;
}

/** A node holds one pod for each host port. */
function hostPorts(cluster: Cluster, placed: readonly Placed[], groups: readonly Group[], tell: Tell): void {
  const claims = new Map<string, { port: number; claimants: Map<Placed, string> }>();
  for (const each of placed) {
    const { spec, specPath } = each.workload;
    for (const [at, container] of spec.containers.entries()) {
      for (const [index, port] of (container.ports ?? []).entries()) {
        if (!port.hostPort) continue;
        const key = `${port.protocol ?? "TCP"}/${port.hostIP ?? ""}/${port.hostPort}`;
        const claim = claims.get(key) ?? { port: port.hostPort, claimants: new Map() };
        claim.claimants.set(each, `${specPath}.containers[${at}].ports[${index}].hostPort`);
        claims.set(key, claim);
      }
    }
  }
  for (const { port, claimants } of claims.values()) {
    for (const group of groups) {
      const members = group.members.filter((each) => claimants.has(each));
      const pods = members.reduce((sum, { workload }) => sum + workload.replicas, 0);
      if (pods <= group.sites.length) continue;
      const [first, ...others] = members;
      const span = ({ workload }: Placed, path: string) => cluster.near(workload.key, path);
      const sum = members.map(({ workload }) => `${workload.replicas} (${workload.title})`);
      tell(
        hostPortCrowded(
          span(first!, claimants.get(first!)!),
          { port, pods, nodes: group.sites.length },
          {
            secondary: others.slice(0, 3).map((each) => ({
              span: span(each, claimants.get(each)!),
              text: `${each.workload.title} wants it too`,
            })),
            notes: members.length > 1 ? [`wanted: ${join(sum, 6)}`] : [],
          },
        ),
      );
      break;
    }
  }
}
