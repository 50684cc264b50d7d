import type { ReplicationController, Service } from "../../../model/core.ts";
import { keyOf } from "../../../model/meta.ts";
import type { Place, Plan } from "../../../model/plan.ts";
import type { Expression, Scenario, Step } from "../../../model/scenario.ts";
import { mapMatches } from "../../../model/selector.ts";

/**
 * What is asked of a plan that has no scenario of its own: that it comes up, and that it survives the loss of any one
 * node. "Survives" is that all converges again and that a service whose pods are several never answers nobody.
 */
export function commonScenarios(plan: Plan): readonly Scenario[] {
  const place: Place = { file: plan.sources[0]?.path ?? plan.name, line: 1, column: 1 };
  const literal = (value: number): Expression => ({ type: "literal", value });
  const settle: Step = { place, type: "settle", within: literal(600_000) };
  const scenarios: Scenario[] = [
    { name: "it starts and converges", place, converges: true, steps: [settle] },
  ];
  if (plan.objects.filter(({ kind }) => kind === "Node").length < 2) return scenarios;
  const victim: Expression = { type: "variable", name: "victim" };
  const served = servicesOfSeveral(plan).map((service): Step => {
    const of: Expression = { type: "objects", keys: [keyOf(service)] };
    const serving: Expression = { type: "observe", observation: "serving", of };
    const condition: Expression = { type: "operator", operator: ">", operands: [serving, literal(0)] };
    return { place: plan.provenance[keyOf(service)]?.[""] ?? place, type: "always", condition };
  });
  scenarios.push({
    name: "it survives the loss of any one node",
    place,
    converges: true,
    steps: [
      settle,
      {
        place,
        type: "forEach",
        variable: "victim",
        over: { type: "all", kind: "Node" },
        steps: [{ place, type: "kill", target: victim }, ...served],
      },
    ],
  });
  return scenarios;
}

/** Services that select an rc with more than one pod: losing one of them is to leave another. */
function servicesOfSeveral({ objects }: Plan): readonly Service[] {
  const rcs = objects.filter(
    (object): object is ReplicationController => object.kind === "ReplicationController",
  );
  return objects
    .filter((object): object is Service => object.kind === "Service")
    .filter(({ metadata, spec }) =>
      rcs.some(
        (rc) =>
          rc.metadata.namespace === metadata.namespace &&
          (rc.spec.replicas ?? 1) > 1 &&
          mapMatches(spec.selector, rc.spec.template.metadata?.labels),
      ),
    )
    .filter(({ spec }) => spec.clusterIP !== "None" && spec.type !== "ExternalName");
}

/** What stands in for the nodes of a plan that declares none, as charts do not. */
export const standIns = { count: 3, cpu: "16", memory: "64Gi" } as const;

/** The plan with nodes to run it on: its own, or three alike in three zones; `added` says which it was. */
export function withNodes(plan: Plan): { readonly plan: Plan; readonly added: boolean } {
  if (plan.objects.some(({ kind, apiVersion }) => kind === "Node" && apiVersion === "v1"))
    return { plan, added: false };
  const nodes = Array.from({ length: standIns.count }, (_, index) => {
    const letter = "abc"[index]!;
    return {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: `node-${letter}`, labels: { "topology.kubernetes.io/zone": letter } },
      spec: {},
      status: {
        capacity: { cpu: standIns.cpu, memory: standIns.memory, "ephemeral-storage": "100Gi", pods: "110" },
      },
    };
  });
  return { plan: { ...plan, objects: [...nodes, ...plan.objects] }, added: true };
}
