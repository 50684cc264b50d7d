import type { KubernetesObject } from "./meta.ts";

/** What a class of priority means (`scheduling.k8s.io/v1`). */
interface PriorityClass {
  readonly value: number;
  readonly preemptionPolicy: string | undefined;
}

/** The classes of a cluster. */
export interface PriorityClasses {
  of(name: unknown): PriorityClass | undefined;
  /** What a pod has that names none. */
  readonly standard: PriorityClass | undefined;
}

/** Those that every cluster has. */
const everywhere: ReadonlyMap<unknown, PriorityClass> = new Map([
  ["system-node-critical", { value: 2_000_001_000, preemptionPolicy: undefined }],
  ["system-cluster-critical", { value: 2_000_000_000, preemptionPolicy: undefined }],
]);

/** Those of the objects, and those that every cluster has. Of several that are for all the lowest counts, as in Kubernetes. */
export function priorityClasses(objects: readonly KubernetesObject[]): PriorityClasses {
  const own = objects.filter(
    ({ kind, apiVersion }) => kind === "PriorityClass" && apiVersion?.startsWith("scheduling.k8s.io/"),
  );
  return own.length === 0 ? commonClasses : classesOf(own);
}

function classesOf(objects: readonly KubernetesObject[]): PriorityClasses {
  const classes = new Map(everywhere);
  let standard: PriorityClass | undefined;
  for (const object of objects) {
    const { value, preemptionPolicy, globalDefault } = object as {
      readonly value?: unknown;
      readonly preemptionPolicy?: unknown;
      readonly globalDefault?: unknown;
    };
    const found = {
      value: typeof value === "number" ? value : 0,
      preemptionPolicy: typeof preemptionPolicy === "string" ? preemptionPolicy : undefined,
    };
    classes.set(object.metadata.name, found);
    if (globalDefault === true && (!standard || found.value < standard.value)) standard = found;
  }
  return { of: (name) => classes.get(name) ?? exported(name), standard };
}

/** A class by which a plan's number is exported (`compiler/emit`). */
function exported(name: unknown): PriorityClass | undefined {
  const own = typeof name === "string" ? /^kdsl-priority-(minus-)?(\d{1,10})$/.exec(name) : null;
  return own ? { value: Number(own[2]) * (own[1] ? -1 : 1), preemptionPolicy: undefined } : undefined;
}

/** Of a cluster whose plan has none. */
export const commonClasses = classesOf([]);
