import type { ReplicationController } from "../../model/core.ts";
import type { KubernetesObject, ObjectKey } from "../../model/meta.ts";
import { keyOf } from "../../model/meta.ts";
import type { Plan } from "../../model/plan.ts";
import type { Scenario, Step } from "../../model/scenario.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Change, EvaluatedScenario, Program } from "../evaluate/value.ts";
import { canonicalText } from "./canonical.ts";

/** The objects of a program with what stands beside them. */
export interface State {
  readonly objects: readonly KubernetesObject[];
  readonly behaviour: NonNullable<Plan["behaviour"]>;
  readonly updates: Plan["updates"];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Fills in what each change of a scenario makes of the objects: those that it changes as a whole, and the keys of those
 * that it takes away. What a `scale` with known numbers set before is kept where the change does not say otherwise.
 */
export function lowerScenarios(
  scenarios: readonly EvaluatedScenario[],
  first: State,
  stateOf: (program: Program) => State,
  report: (diagnostic: Diagnostic) => void,
): readonly Scenario[] {
  for (const { scenario, changes } of scenarios) {
    if (changes.length === 0) continue;
    const scaled = scalesBefore(scenario.steps);
    let before = first;
    for (const change of changes) {
      if (!change.program) continue;
      const after = stateOf(change.program);
      for (const diagnostic of after.diagnostics)
        report({
          ...diagnostic,
          secondary: [...diagnostic.secondary, { span: change.span, text: "after this step" }],
        });
      fill(change, before, after, scaled.get(change.step as unknown as Step) ?? new Map());
      before = after;
    }
  }
  return scenarios.map(({ scenario }) => scenario);
}

function fill({ step }: Change, before: State, after: State, scaled: ReadonlyMap<ObjectKey, number>): void {
  const old = new Map(before.objects.map((object) => [keyOf(object), object]));
  const now = new Set(after.objects.map(keyOf));
  step.objects = after.objects
    .filter((object) => {
      const was = old.get(keyOf(object));
      return was === undefined || canonicalText(was) !== canonicalText(object);
    })
    .map((object) => withReplicas(object, old.get(keyOf(object)), scaled.get(keyOf(object))));
  step.removed = [...old.keys()].filter((key) => !now.has(key));
  const behaviour = changedEntries(before.behaviour, after.behaviour);
  const updates = changedEntries(before.updates, after.updates);
  if (behaviour) step.behaviour = behaviour;
  if (updates) step.updates = updates;
}

/** The entries that are not as they were. */
function changedEntries<T>(
  before: Readonly<Record<ObjectKey, T>>,
  after: Readonly<Record<ObjectKey, T>>,
): Readonly<Record<ObjectKey, T>> | undefined {
  const entries = Object.entries(after).filter(
    ([key, value]) => canonicalText(before[key as ObjectKey] ?? null) !== canonicalText(value),
  );
  return entries.length > 0 ? (Object.fromEntries(entries) as Record<ObjectKey, T>) : undefined;
}

function withReplicas(
  object: KubernetesObject,
  was: KubernetesObject | undefined,
  replicas: number | undefined,
): KubernetesObject {
  if (replicas === undefined || object.kind !== "ReplicationController") return object;
  const rc = object as ReplicationController;
  if ((was as ReplicationController | undefined)?.spec?.replicas !== rc.spec?.replicas) return object;
  const scaled: ReplicationController = { ...rc, spec: { ...rc.spec!, replicas } };
  return scaled;
}

/** For each change the replicas that `scale` steps before it set, where both are known. */
function scalesBefore(steps: readonly Step[]): ReadonlyMap<Step, ReadonlyMap<ObjectKey, number>> {
  const found = new Map<Step, ReadonlyMap<ObjectKey, number>>();
  const scaled = new Map<ObjectKey, number>();
  const visit = (list: readonly Step[]): void => {
    for (const step of list) {
      if (step.type === "update") found.set(step, new Map(scaled));
      else if (step.type === "scale" && step.target.type === "objects") {
        const to =
          step.to.type === "literal" && typeof step.to.value === "number" ? step.to.value : undefined;
        for (const key of step.target.keys)
          if (to === undefined) scaled.delete(key);
          else scaled.set(key, to);
      } else if ("steps" in step) visit(step.steps);
    }
  };
  visit(steps);
  return found;
}
