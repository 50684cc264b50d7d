import type { LabelSelector } from "../../../model/core.ts";
import { isServed, type KubernetesObject, keyOf } from "../../../model/meta.ts";
import type { FieldPath } from "../../../model/plan.ts";
import { labelSelector, matches, type Requirement, type Selector } from "../../../model/selector.ts";
import { budgetBlocks, companionSelectsNothing } from "../../diagnostics/catalog/companions.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { type Cluster, titleOf, type Workload } from "../cluster.ts";
import { advise, replace } from "../fixes.ts";
import { namespaceOf } from "../foreign.ts";
import { at, listAt } from "../json.ts";
import type { Rule, Tell } from "../rule.ts";
import { join } from "../words.ts";

/** PodDisruptionBudgets and NetworkPolicies: whom they are about, and whether a budget lets anybody go. */
export const budgets: Rule = (cluster, tell) => {
  for (const object of cluster.plan.objects) {
    if (isServed(object)) continue;
    const field = selectors[`${object.apiVersion} ${object.kind}`];
    if (field === undefined) continue;
    const selector = requirementsOf(at(object, "spec", field));
    // Without requirements it is about all that there is, or was not understood. Of pods that only another program
    // knows, nothing can be said.
    const namespace = namespaceOf(object);
    if (!selector?.length || cluster.foreign(namespace, selector)) continue;
    const there = cluster.workloads.filter((workload) => workload.namespace === namespace);
    const selected = there.filter(({ labels }) => matches(selector, labels));
    if (selected.length > 0) {
      if (object.kind === "PodDisruptionBudget") whetherAnyGoes(cluster, object, selected, tell);
    } else if (there.length > 0) tell(nobodySelected(cluster, object, `spec.${field}`, selector, there));
  }
};

/** The field of the spec that says which pods are meant. */
const selectors: Readonly<Record<string, string>> = {
  "policy/v1 PodDisruptionBudget": "selector",
  "networking.k8s.io/v1 NetworkPolicy": "podSelector",
};

const isLabels = (value: unknown) =>
  value === undefined ||
  (typeof value === "object" &&
    value !== null &&
    Object.values(value).every((each) => typeof each === "string"));

/** The requirements of a selector, where it has the form of one. */
function requirementsOf(selector: unknown): Selector | undefined {
  if (!isLabels(at(selector, "matchLabels"))) return undefined;
  const sound = listAt(selector, "matchExpressions").every(
    ({ key, values }) => typeof key === "string" && (values === undefined || Array.isArray(values)),
  );
  return sound ? labelSelector(selector as LabelSelector | undefined) : undefined;
}

function nobodySelected(
  cluster: Cluster,
  object: KubernetesObject,
  path: FieldPath,
  selector: Selector,
  there: readonly Workload[],
): Diagnostic {
  const span = cluster.near(keyOf(object), path);
  const equalities = Object.fromEntries(
    selector.flatMap(({ key, operator, values }) =>
      operator === "In" && values.length === 1 ? [[key, values[0]!]] : [],
    ),
  );
  const near = nearestWorkload(there, equalities);
  return companionSelectsNothing(
    span,
    { title: titleOf(object), selector: selector.map(termText).join(",") },
    {
      label: "matches no pod",
      secondary: near
        ? [
            {
              span: cluster.near(near.workload.key, near.workload.labelsPath),
              text: `${near.workload.title} has \`${near.key}: ${JSON.stringify(near.value)}\``,
            },
          ]
        : [],
      fixes: near
        ? [replace(`did you mean \`${near.value}\`?`, span, equalities[near.key]!, near.value)]
        : [],
    },
  );
}

function termText({ key, operator, values }: Requirement): string {
  if (operator === "Exists") return key;
  if (operator === "DoesNotExist") return `!${key}`;
  if (operator === "In" && values.length === 1) return `${key}=${values[0]}`;
  return `${key} ${operator === "In" ? "in" : "not in"} (${values.join(", ")})`;
}

/** A workload that has all the labels but for the value of one. */
function nearestWorkload(workloads: readonly Workload[], labels: Readonly<Record<string, string>>) {
  for (const workload of workloads) {
    const wrong = Object.keys(labels).filter((key) => workload.labels[key] !== labels[key]);
    const [key] = wrong;
    const value = key === undefined ? undefined : workload.labels[key];
    if (wrong.length === 1 && key !== undefined && value !== undefined) return { workload, key, value };
  }
  return undefined;
}

/** Kubernetes rounds up, for both bounds. */
function share(bound: unknown, of: number): number | undefined {
  if (typeof bound === "number") return bound;
  const percent = typeof bound === "string" ? /^(\d+)%$/.exec(bound)?.[1] : undefined;
  return percent === undefined ? undefined : Math.ceil((Number(percent) * of) / 100);
}

function whetherAnyGoes(
  cluster: Cluster,
  object: KubernetesObject,
  selected: readonly Workload[],
  tell: Tell,
): void {
  const pods = selected.reduce((sum, { replicas }) => sum + replicas, 0);
  if (pods === 0 || selected.some((workload) => isVarying(cluster, workload))) return;
  const [field, stays, bound] = boundOf(object, pods);
  if (field === undefined || stays === undefined) return;
  // Shares, and how many may be away, are reckoned from what owners ask for, and pods that stand alone have none.
  const uncounted =
    (field === "maxUnavailable" || typeof bound === "string") &&
    selected.every(({ object: { kind } }) => kind === "Pod");
  if (stays < pods && !uncounted) return;
  const alone =
    "how many pods there should be is asked of what makes them; a pod that stands alone counts as none";
  tell(
    budgetBlocks(
      cluster.near(keyOf(object), `spec.${field}`),
      {
        title: titleOf(object),
        bound: `${field}: ${bound}`,
        pods: `the ${pods === 1 ? "one pod" : `${pods} pods`} of ${join(selected.map(({ title }) => title))}`,
      },
      uncounted
        ? {
            notes: [alone],
            fixes: [
              advise("say how many have to stay as a number, `minAvailable: …`, or let an rc make the pods"),
            ],
          }
        : { fixes: [advise("let one go at a time: `maxUnavailable: 1`")] },
    ),
  );
}

/** The field that bounds, how many pods have to stay by it, and what it says. */
function boundOf(object: KubernetesObject, pods: number) {
  const least = at(object, "spec", "minAvailable");
  if (least !== undefined) return ["minAvailable", share(least, pods), least] as const;
  const most = at(object, "spec", "maxUnavailable");
  if (most === undefined) return [undefined, undefined, undefined] as const;
  const going = share(most, pods);
  return ["maxUnavailable", going === undefined ? undefined : pods - going, most] as const;
}

/** Whether pods come and go by themselves: those of jobs, of each node, and of what something else scales. */
const isVarying = (cluster: Cluster, { object, word, name, namespace }: Workload): boolean =>
  word === "job" ||
  object.kind === "DaemonSet" ||
  cluster.plan.objects.some((each) => {
    // Autoscalers of other groups say it in the same way, some of them without a kind.
    const target = at(each, "spec", "scaleTargetRef");
    return (
      namespaceOf(each) === namespace &&
      at(target, "name") === name &&
      (at(target, "kind") ?? "Deployment") === object.kind
    );
  });
