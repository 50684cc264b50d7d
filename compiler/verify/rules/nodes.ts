import { fitsNoNode, noSuchNode, tolerationUseless } from "../../diagnostics/catalog/pods.ts";
import type { Diagnostic, Fix } from "../../diagnostics/diagnostic.ts";
import { child } from "../../plan/paths.ts";
import type { Span } from "../../source/source.ts";
import type { Cluster, Workload } from "../cluster.ts";
import { advise, didYouMean, replace } from "../fixes.ts";
import { asksOf, type Obstacle, obstacles, placementOf, type Site, tolerates } from "../placement.ts";
import type { Rule, Tell } from "../rule.ts";
import { amountText, join, quote, resourceName } from "../words.ts";

/** One of its pods, as messages call it. */
const podOf = ({ word, title }: Workload) => (word === "pod" ? title : `a pod of ${title}`);

/** Whether each pod has a node at all. Silent without nodes: the runtime then gives the file one of the machine's size. */
export const nodes: Rule = (cluster, tell) => {
  const { sites, placed } = placementOf(cluster);
  for (const { workload, sites: fitting } of placed) {
    if (fitting.length === 0 && workload.replicas > 0) tell(noNode(cluster, workload, sites));
    uselessTolerations(cluster, workload, sites, tell);
  }
};

interface Refusal {
  readonly site: Site;
  readonly why: readonly Obstacle[];
}

function noNode(cluster: Cluster, workload: Workload, sites: readonly Site[]): Diagnostic {
  const asks = asksOf(workload);
  const refusals = sites.map((site) => ({ site, why: obstacles(workload, asks, site) }));
  const eligible = refusals.filter(({ why }) => why[0]?.kind !== "choice");
  const notes = refusalNotes(refusals, asks);
  if (eligible.length === 0) {
    const span = choiceSpan(cluster, workload);
    const fixes = choiceFix(workload, sites, span);
    return noSuchNode(span, { title: workload.title }, { label: "no node is like this", notes, fixes });
  }
  const scarce = scarcest(eligible, asks);
  if (scarce === undefined) {
    const [first] = eligible[0]!.why;
    const taint = first?.kind === "taint" ? first.taint : undefined;
    const fixes = taint ? [advise(`let its pods run there: ${tolerationText(taint)}`)] : [];
    return fitsNoNode(cluster.near(workload.key), { pod: podOf(workload) }, { notes, fixes });
  }
  const { resource, most } = scarce;
  const { span, text, only } = askedAt(cluster, workload, resource);
  const fixes: Fix[] =
    only && most > 0
      ? [
          replace(
            `ask for ${amountText(resource, most)}`,
            span,
            amountText(resource, asks.get(resource)!),
            amountText(resource, most),
          ),
        ]
      : [];
  return fitsNoNode(
    span,
    { pod: podOf(workload) },
    {
      label: `the largest node that it may run on has ${resourceName(resource)} ${amountText(resource, most)}`,
      notes: [text, ...notes],
      fixes,
    },
  );
}

/** The resource that no eligible node has enough of, with the most that one has; undefined when taints are in the way too. */
function scarcest(
  eligible: readonly Refusal[],
  asks: ReadonlyMap<string, number>,
): { resource: string; most: number } | undefined {
  for (const resource of asks.keys()) {
    const has = eligible.flatMap(({ why }) =>
      why.flatMap((each) => (each.kind === "room" && each.resource === resource ? [each.has] : [])),
    );
    if (has.length === eligible.length) return { resource, most: has.reduce((a, b) => Math.max(a, b), 0) };
  }
  // No one resource is short everywhere: point at one that is short somewhere.
  for (const { why } of eligible) {
    const short = why.find((each) => each.kind === "room");
    if (short?.kind === "room") return { resource: short.resource, most: short.has };
  }
  return undefined;
}

/** The place of the largest request for a resource, and the sum over the containers as text. */
export function askedAt(
  cluster: Cluster,
  workload: Workload,
  resource: string,
): { span: Span; text: string; only: boolean } {
  const parts = workload.containers.flatMap(({ container, path, init }) => {
    const quantity = container.resources?.requests?.[resource];
    if (quantity === undefined) return [];
    const asks = asksOf({ ...workload, spec: { containers: [container] } });
    return [{ name: container.name, path, init, amount: asks.get(resource) ?? 0 }];
  });
  const largest = parts.reduce<(typeof parts)[number] | undefined>(
    (best, part) => (best === undefined || part.amount > best.amount ? part : best),
    undefined,
  );
  const span = largest
    ? cluster.near(workload.key, child(`${largest.path}.resources.requests`, resource))
    : cluster.near(workload.key);
  const total = amountText(resource, asksOf(workload).get(resource) ?? 0);
  const main = parts.filter(({ init }) => !init);
  const sum = main.map(({ name, amount }) => `${amountText(resource, amount)} (\`${name}\`)`).join(" + ");
  const text = `${podOf(workload)} asks for ${resourceName(resource)} ${total}${main.length > 1 ? ` = ${sum}` : ""}`;
  return { span, text, only: parts.length === 1 };
}

/** Why each node will not do; nodes with one reason together. */
function refusalNotes(refusals: readonly Refusal[], asks: ReadonlyMap<string, number>): string[] {
  const groups = new Map<string, string[]>();
  for (const { site, why } of refusals) {
    const text = why.map((each) => obstacleText(each, asks)).join(", ");
    groups.set(text, [...(groups.get(text) ?? []), quote(site.node.name)]);
  }
  const notes = [...groups].map(([text, names]) => `${join(names)}: ${text}`);
  const most = 6;
  return notes.length > most
    ? [...notes.slice(0, most), `and ${notes.length - most} more kinds of nodes`]
    : notes;
}

function obstacleText(obstacle: Obstacle, asks: ReadonlyMap<string, number>): string {
  switch (obstacle.kind) {
    case "choice":
      return obstacle.text;
    case "taint": {
      const { key, value, effect } = obstacle.taint;
      if (key === "node.kubernetes.io/unschedulable") return "takes no new pods";
      return `has the taint \`${key}${value ? `=${value}` : ""}:${effect}\`, which is not tolerated`;
    }
    case "room": {
      const { resource, has } = obstacle;
      const asked = amountText(resource, asks.get(resource) ?? 0);
      return `has ${resourceName(resource)} ${amountText(resource, has)}, asked is ${asked}`;
    }
  }
}

function tolerationText({ key, value, effect }: { key: string; value?: string; effect: string }): string {
  const fields = [
    `key: ${JSON.stringify(key)}`,
    ...(value ? [`value: ${JSON.stringify(value)}`] : []),
    `effect: "${effect}"`,
  ];
  return `\`tolerate: [{ ${fields.join(", ")} }]\``;
}

function choiceSpan(cluster: Cluster, { key, specPath, spec }: Workload): Span {
  const fields = spec.nodeSelector
    ? ["nodeSelector"]
    : spec.nodeName === undefined
      ? ["affinity"]
      : ["nodeName"];
  return cluster.near(key, `${specPath}.${fields[0]}`);
}

/** A value near to one that the nodes have, or a name near to a node's. */
function choiceFix(workload: Workload, sites: readonly Site[], span: Span): Fix[] {
  const { nodeName, nodeSelector = {} } = workload.spec;
  if (nodeName !== undefined)
    return [
      didYouMean(
        nodeName,
        sites.map(({ node }) => node.name),
        span,
      )?.fix ?? [],
    ].flat();
  for (const [key, value] of Object.entries(nodeSelector)) {
    const values = new Set(sites.flatMap(({ labels }) => labels[key] ?? []));
    if (values.has(value) || values.size === 0) continue;
    const meant = didYouMean(value, values, undefined);
    if (meant) return [replace(`did you mean \`${JSON.stringify(meant.name)}\`?`, span, value, meant.name)];
    return [
      advise(`the nodes have \`${key}\` ${join([...values].map((each) => quote(JSON.stringify(each))))}`),
    ];
  }
  return [];
}

function uselessTolerations(cluster: Cluster, workload: Workload, sites: readonly Site[], tell: Tell): void {
  for (const [index, toleration] of (workload.spec.tolerations ?? []).entries()) {
    // Those of a node's health come and go, and one without a key tolerates everything there may ever be.
    if (!toleration.key || toleration.key.startsWith("node.kubernetes.io/")) continue;
    if (sites.some(({ taints }) => taints.some((taint) => tolerates(toleration, taint)))) continue;
    const path = `${workload.specPath}.tolerations[${index}]`;
    const keys = new Set(sites.flatMap(({ taints }) => taints.map(({ key }) => key)));
    const span = cluster.near(workload.key, `${path}.key`);
    const meant = didYouMean(toleration.key, keys, span);
    const { key, value, effect } = toleration;
    tell(
      tolerationUseless(
        span,
        { title: workload.title, taint: `${key}${value ? `=${value}` : ""}${effect ? `:${effect}` : ""}` },
        { fixes: meant ? [meant.fix] : [] },
      ),
    );
  }
}
