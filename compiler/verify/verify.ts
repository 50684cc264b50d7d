import type { Plan } from "../../model/plan.ts";
import { dataUnused } from "../diagnostics/catalog/pods.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { SpanTable } from "../plan/spans.ts";
import { clusterOf } from "./cluster.ts";
import { settled } from "./places.ts";
import type { Rule, Tell } from "./rule.ts";
import { api } from "./rules/api.ts";
import { budgets } from "./rules/budgets.ts";
import { capacity } from "./rules/capacity.ts";
import { clusterRanges } from "./rules/cluster-ranges.ts";
import { commands } from "./rules/commands.ts";
import { containerPorts } from "./rules/container-ports.ts";
import { dataReferences } from "./rules/data-references.ts";
import { headless } from "./rules/headless.ts";
import { lifetimes } from "./rules/lifetimes.ts";
import { limits } from "./rules/limits.ts";
import { memory } from "./rules/memory.ts";
import { mountPlaces } from "./rules/mount-places.ts";
import { mounts } from "./rules/mounts.ts";
import { names } from "./rules/names.ts";
import { nodes } from "./rules/nodes.ts";
import { podObjects } from "./rules/pod-objects.ts";
import { privilegedPorts } from "./rules/privileged-ports.ts";
import { probePairs } from "./rules/probe-pairs.ts";
import { probes } from "./rules/probes.ts";
import { referredObjects } from "./rules/referred-objects.ts";
import { selection } from "./rules/selection.ts";
import { servicePorts } from "./rules/service-ports.ts";
import { serviceTargets } from "./rules/service-targets.ts";
import { spread } from "./rules/spread.ts";
import { startOrder } from "./rules/start-order.ts";
import { unusedData } from "./rules/unused-data.ts";
import { variables } from "./rules/variables.ts";

const rules: readonly Rule[] = [
  names,
  selection,
  servicePorts,
  serviceTargets,
  clusterRanges,
  containerPorts,
  mounts,
  dataReferences,
  podObjects,
  probes,
  limits,
  nodes,
  capacity,
  commands,
  headless,
  lifetimes,
  memory,
  mountPlaces,
  privilegedPorts,
  probePairs,
  spread,
  unusedData,
  variables,
  startOrder,
  referredObjects,
  budgets,
];

/**
 * What can be said of the cluster as a whole from its plan, before anything runs: whom selectors hit, where ports
 * lead, what fits on which node. In the order of the source; one mistake in a family's declaration is told once.
 */
export function verify(input: { plan: Omit<Plan, "hash">; spans: SpanTable }): Diagnostic[] {
  const cluster = clusterOf(input.plan, input.spans);
  const found: Diagnostic[] = [];
  const tell: Tell = (diagnostic) => void found.push(diagnostic);
  for (const rule of rules) rule(cluster, tell);
  api(cluster, [...found], tell);
  const all = together(found.map(settled));
  const failed = all.some(({ severity }) => severity === "error");
  // What is unused cannot be told while mistakes hide what was meant.
  return inOrder(
    input.plan,
    all.filter(({ code }) => !(failed && code === dataUnused.entry.code)),
  );
}

const mostAlso = 3;

/** Those of one kind at one place are one, which says of the others what is different. */
function together(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const groups = new Map<string, Diagnostic[]>();
  for (const diagnostic of diagnostics) {
    const { file, start, end } = diagnostic.primary.span;
    const place = `${diagnostic.code} ${file.path} ${start} ${end}`;
    const group = groups.get(place);
    if (!group) groups.set(place, [diagnostic]);
    else if (!group.some(({ message }) => message === diagnostic.message)) group.push(diagnostic);
  }
  return [...groups.values()].map(([first, ...others]) => {
    if (others.length === 0) return first!;
    const also = others.slice(0, mostAlso).map(({ message }) => `also: ${message}`);
    const more = others.length - mostAlso;
    if (more > 0) also.push(`and ${more} more of this kind`);
    return { ...first!, notes: [...first!.notes, ...also] };
  });
}

/** By file as the plan lists its sources, then by place, then by code. */
function inOrder(plan: Omit<Plan, "hash">, diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const files = new Map(plan.sources.map(({ path }, index) => [path, index]));
  const rank = ({ primary }: Diagnostic) => files.get(primary.span.file.path) ?? files.size;
  return [...diagnostics].sort(
    (left, right) =>
      rank(left) - rank(right) ||
      left.primary.span.start - right.primary.span.start ||
      (left.code < right.code ? -1 : left.code > right.code ? 1 : 0),
  );
}
