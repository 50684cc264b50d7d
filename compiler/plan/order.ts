import {
  isServed,
  type Kind,
  type KubernetesObject,
  keyOf,
  kindNames,
  type ObjectKey,
} from "../../model/meta.ts";

/** What pods need and the store does not hold. */
const beforePods: ReadonlySet<string> = new Set(["PersistentVolumeClaim", "ServiceAccount"]);

/**
 * The order in which objects are to be created: by kind as `kinds` has them, what an object comes `after` before it,
 * else as declared. A cycle does no harm here; verification names it.
 */
export function inOrder<T extends KubernetesObject>(
  objects: readonly T[],
  after: ReadonlyMap<ObjectKey, readonly ObjectKey[]>,
): T[] {
  const rank = (object: KubernetesObject) =>
    isServed(object)
      ? kindNames.indexOf(object.kind as Kind)
      : beforePods.has(object.kind) && object.apiVersion === "v1"
        ? kindNames.indexOf("Secret")
        : kindNames.length;
  const ranked: T[][] = [];
  for (const object of objects) (ranked[rank(object)] ??= []).push(object);
  const sorted = ranked.flat();
  if (after.size === 0) return sorted;
  const byKey = new Map(objects.map((object) => [keyOf(object), object]));
  const ordered = new Set<T>();
  const seen = new Set<T>();
  const place = (object: T) => {
    if (seen.has(object)) return;
    seen.add(object);
    for (const key of after.get(keyOf(object)) ?? []) {
      const earlier = byKey.get(key);
      if (earlier) place(earlier);
    }
    ordered.add(object);
  };
  for (const object of sorted) place(object);
  return [...ordered];
}
