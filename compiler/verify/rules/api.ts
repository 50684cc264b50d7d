import { isKind, keyOf } from "../../../model/meta.ts";
import { validateCreate } from "../../../model/validation.ts";
import { refusedByApi } from "../../diagnostics/catalog/cluster.ts";
import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import { type Cluster, titleOf } from "../cluster.ts";

/**
 * The net under all other rules: what Kubernetes' own validation says of the objects. Where an error stands already
 * at the same place it is silent, as that one says it better.
 */
export function* api(cluster: Cluster, told: readonly Diagnostic[]): Iterable<Diagnostic> {
  const errors = told
    .filter(({ severity }) => severity === "error")
    .flatMap(({ primary, secondary }) => [primary.span, ...secondary.map(({ span }) => span)]);
  const places = new Map<object, { start: number; end: number }[]>();
  for (const { file, start, end } of errors) {
    const list = places.get(file);
    if (list) list.push({ start, end });
    else places.set(file, [{ start, end }]);
  }
  for (const object of cluster.plan.objects) {
    if (!isKind(object.kind)) continue;
    for (const { field, message } of validateCreate(object)) {
      const span = cluster.near(keyOf(object), field);
      const known = places
        .get(span.file)
        ?.some(
          ({ start, end }) =>
            (start <= span.start && span.end <= end) || (span.start <= start && end <= span.end),
        );
      if (!known) yield refusedByApi(span, { title: titleOf(object), field, why: message });
    }
  }
}
