import type { KubernetesObject } from "../../model/meta.ts";
import type { Translated } from "../../runtime/simulator/workloads.ts";

/** What is to be said of a plan in which workloads of other groups are something else, or left out. */
export function translationRemarks(
  path: string,
  { asRcs, onNodes, left }: Pick<Translated, "asRcs" | "onNodes" | "left">,
): readonly string[] {
  const remarks: string[] = [];
  if (asRcs.length > 0)
    remarks.push(
      `${path}: ${named(asRcs)} ${are(asRcs)} simulated as ${asRcs.length === 1 ? "an rc" : "rcs"}`,
    );
  if (onNodes.length > 0)
    remarks.push(`${path}: ${named(onNodes)} ${are(onNodes)} simulated as a pod on each node that takes it`);
  if (left.length > 0) remarks.push(`${path}: ${named(left)} ${are(left)} left out`);
  return remarks;
}

const are = ({ length }: readonly unknown[]) => (length === 1 ? "is" : "are");

const mostNames = 3;

/** `Deployment web and StatefulSet db`, of more `12 Deployments and 2 StatefulSets`. */
function named(objects: readonly KubernetesObject[]): string {
  if (objects.length <= mostNames)
    return listed(objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`));
  const counts = new Map<string, number>();
  for (const { kind } of objects) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return listed([...counts].map(([kind, count]) => `${count} ${kind}${count === 1 ? "" : "s"}`));
}

const listed = (words: readonly string[]) =>
  words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}` : (words[0] ?? "");
