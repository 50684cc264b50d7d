import { child, parent } from "../../compiler/plan/paths.ts";
import { type Change, changesBetween, type FieldChange } from "../../compiler/verify/changes/compare.ts";
import { titleOf } from "../../compiler/verify/cluster.ts";
import type { TypeName } from "../../model/api/fields.ts";
import type { ReplicationController } from "../../model/core.ts";
import { isServed, type KubernetesObject, keyOf, type ObjectKey, type Stored } from "../../model/meta.ts";
import type { FieldPath, Place, Plan } from "../../model/plan.ts";
import { intersection, isEmptySet, union } from "../../runtime/apiserver/managed/field-set.ts";
import { compare } from "../../runtime/apiserver/managed/fields.ts";
import { noManagers, readManagers } from "../../runtime/apiserver/managed/managers.ts";
import { planManager } from "../../runtime/apiserver/managed/plan.ts";
import { shapeOfType } from "../../runtime/apiserver/managed/shape.ts";
import { wantedReplicas } from "../../runtime/controllers/rollout.ts";

/** One object that is not as the plan says. */
export interface Drift {
  /**
   * `changed`: others changed what the plan says, or added to it. `missing`: the plan has it and the cluster has not.
   * `left`: the plan in force has it and the file no longer. `foreign`: others made it; it is left alone.
   */
  readonly action: "changed" | "missing" | "left" | "foreign";
  readonly key: ObjectKey;
  readonly title: string;
  /** Where the object is written. */
  readonly place?: Place;
  readonly fields: readonly FieldDrift[];
  /** Who else has set something that is not as the plan says, as far as that is known. */
  readonly by: readonly Other[];
}

export interface Other {
  /** `kubectl-scale`, `kubectl-client-side-apply` … */
  readonly manager: string;
  /** Of the last change; RFC 3339. */
  readonly time?: string;
}

export interface FieldDrift {
  readonly path: FieldPath;
  /** As the user knows it: `container server image`. */
  readonly words: string;
  /** Undefined where the plan does not have it: then it is left alone. */
  readonly planned: unknown;
  readonly live: unknown;
  /** Where the plan's value is written, or what stands around it. */
  readonly place?: Place;
}

/** What differs between the objects of a cluster and a plan; `current` is the plan in force. */
export function driftOf(objects: readonly Stored[], current: Plan, plan: Plan): Drift[] {
  // What no cluster of kdsl keeps (`manifest`, claims) is not missing.
  const wanted = { ...plan, objects: plan.objects.filter(isServed) };
  const [live, planned] = [byKeyOf(objects), byKeyOf(wanted.objects)];
  const baseline = {
    from: "cluster" as const,
    own: true,
    objects: objects.filter((object) => !isMade(object, planned)).map(settled),
  };
  const left = current.objects.filter((object) => !planned.has(keyOf(object)) && live.has(keyOf(object)));
  const leaving = byKeyOf(left);
  const changes = changesBetween(baseline, wanted).filter(({ key }) => !leaving.has(key));
  return [
    ...changes.map((change) => {
      const [before, after] = [live.get(change.key), planned.get(change.key)];
      return changed(plan, change, before && after ? othersOf(before, after) : []);
    }),
    ...left.map((object) => describe("left", current, keyOf(object), titleOf(object))),
  ];
}

const byKeyOf = <T extends KubernetesObject>(objects: readonly T[]): ReadonlyMap<ObjectKey, T> =>
  new Map(objects.map((object) => [keyOf(object), object]));

function describe(action: Drift["action"], plan: Plan, key: ObjectKey, title: string): Drift {
  const place = placeOf(plan, key, "");
  return { action, key, title: title.replaceAll("`", ""), ...(place && { place }), fields: [], by: [] };
}

function changed(plan: Plan, { action, key, title, fields }: Change, by: readonly Other[]): Drift {
  const is = action === "create" ? "missing" : action === "unlisted" ? "foreign" : "changed";
  return {
    ...describe(is, plan, key, title),
    fields: fields.flatMap(eachEntry).map(({ path, words, before, after }): FieldDrift => {
      const written = placeOf(plan, key, path);
      return { path, words, planned: after, live: before, ...(written && { place: written }) };
    }),
    by: is === "changed" ? by : [],
  };
}

/** Who owns fields by which a live object differs from what is planned. */
function othersOf(live: Stored, planned: KubernetesObject): Other[] {
  const { added, modified } = compare(shapeOfType(live.kind as TypeName), planned, live);
  const differing = union(added, modified);
  return [...(readManagers(live.metadata.managedFields) ?? noManagers).values()]
    .filter(({ name, fields }) => name !== planManager && !isEmptySet(intersection(fields, differing)))
    .map(({ name, time }) => ({ manager: name, ...(time !== undefined && { time }) }));
}

/** While its pods are replaced an rc has more replicas than are wanted. */
function settled(object: Stored): Stored {
  if (object.kind !== "ReplicationController") return object;
  const rc = object as Stored<ReplicationController>;
  return { ...rc, spec: { ...rc.spec, replicas: wantedReplicas(rc) } } as Stored;
}

/** Labels that an object has got where it had none are as many changes. */
function eachEntry(change: FieldChange): readonly FieldChange[] {
  const { path, words, before, after } = change;
  if (after !== undefined || !/(?:labels|annotations)$/.test(path)) return [change];
  return Object.entries(before as Readonly<Record<string, unknown>>).map(([key, value]) => ({
    path: child(path, key),
    words: `${words}.${key}`,
    before: value,
    after: undefined,
  }));
}

/** Whether applying the plan would change anything. */
export function isRestorable({ action, fields }: Drift): boolean {
  if (action === "changed") return fields.some(({ planned }) => planned !== undefined);
  return action !== "foreign";
}

/** A cluster of a file without nodes has one of its own; `default` and its kin are in every cluster. */
const isMade = (object: KubernetesObject, planned: ReadonlyMap<ObjectKey, KubernetesObject>) =>
  (object.kind === "Node" || object.kind === "Namespace") && !planned.has(keyOf(object));

/** Where a field is written, else the field around it. */
function placeOf(plan: Plan, key: ObjectKey, path: FieldPath): Place | undefined {
  const places = plan.provenance[key];
  for (let here: FieldPath | undefined = path; here !== undefined; here = parent(here))
    if (places && Object.hasOwn(places, here)) return places[here];
  return undefined;
}
