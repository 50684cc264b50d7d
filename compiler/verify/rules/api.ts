import { isServed, type KubernetesObject, keyOf } from "../../../model/meta.ts";
import { validateCreate } from "../../../model/validation.ts";
import { refusedByApi } from "../../diagnostics/catalog/cluster.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { Span } from "../../source/source.ts";
import { type Cluster, titleOf } from "../cluster.ts";
import type { Tell } from "../rule.ts";

/**
 * The net under all other rules: what Kubernetes' own validation says of the objects. Where an error points already
 * at the same lines it is silent, as that one says it better.
 */
export function api(cluster: Cluster, told: readonly Diagnostic[], tell: Tell): void {
  const errors = told
    .filter(({ severity }) => severity === "error")
    .flatMap(({ primary, secondary }) => [primary.span, ...secondary.map(({ span }) => span)]);
  const badLabels = told.some(({ code }) => code === "KD3502" || code === "KD3503");
  // What objects of one declaration share need not be looked at again.
  const valid = new Map<string, KubernetesObject>();
  for (const object of cluster.plan.objects) {
    if (!isServed(object)) continue;
    const causes = validateCreate(object, valid.get(object.kind));
    if (causes.length === 0) valid.set(object.kind, object);
    for (const { field, message } of causes) {
      // Selectors and the labels of rcs repeat what has been refused where it is written.
      if (badLabels && /^(spec\.selector|metadata\.labels)\b/.test(field)) continue;
      const span = cluster.near(keyOf(object), field);
      if (errors.some((error) => share(error, span))) continue;
      tell(refusedByApi(span, { title: titleOf(object), field, why: message }));
    }
  }
}

/** Whether there is a line on which both stand. */
function share(left: Span, right: Span): boolean {
  if (left.file !== right.file) return false;
  const [first, second] = left.start <= right.start ? [left, right] : [right, left];
  return first.end >= second.start || !first.file.text.slice(first.end, second.start).includes("\n");
}
