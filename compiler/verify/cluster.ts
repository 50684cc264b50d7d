import type { Container, Node, Pod, PodSpec, ReplicationController, Service } from "../../model/core.ts";
import { isServed, type KubernetesObject, keyOf, type Labels, type ObjectKey } from "../../model/meta.ts";
import type { FieldPath, Plan } from "../../model/plan.ts";
import { mapMatches, type Selector } from "../../model/selector.ts";
import type { SpanTable } from "../plan/spans.ts";
import type { Span } from "../source/source.ts";
import { foreignPods, namespaceOf } from "./foreign.ts";
import { madeBy } from "./makers.ts";
import { placesOf } from "./places.ts";

/** A plan as the rules look at it: its objects by kind, its pods whoever makes them, and where all was written. */
export interface Cluster {
  readonly plan: Omit<Plan, "hash">;
  readonly workloads: readonly Workload[];
  readonly services: readonly Declared<Service>[];
  readonly nodes: readonly Declared<Node>[];
  readonly byKey: ReadonlyMap<ObjectKey, KubernetesObject>;
  /** Whether a selector matches pods of which only the labels are seen: made by objects of unknown kinds, or outside. */
  foreign(namespace: string, selector: Selector): boolean;
  /** The workloads whose pods an equality map matches, within a namespace. */
  matching(namespace: string, selector: Labels | undefined): readonly Workload[];
  /** Where a field was written, else what is around it; in the user's own files where there is such a place. */
  near(key: ObjectKey, path?: FieldPath): Span;
  /** Where exactly this field was written. */
  at(key: ObjectKey, path?: FieldPath): Span | undefined;
}

export interface Declared<T extends KubernetesObject> {
  readonly key: ObjectKey;
  readonly object: T;
  readonly name: string;
  readonly namespace: string;
  /** As messages call it: service `web`. */
  readonly title: string;
}

/** What makes pods of one kind: an rc (or a Deployment and its kin), a pod that stands alone, or a job. */
export interface Workload {
  readonly key: ObjectKey;
  readonly word: "rc" | "pod" | "job";
  readonly name: string;
  readonly namespace: string;
  readonly title: string;
  /** How many pods there are to be. */
  readonly replicas: number;
  /** Of the pods. */
  readonly labels: Labels;
  readonly labelsPath: FieldPath;
  readonly spec: PodSpec;
  readonly specPath: FieldPath;
  /** Init containers first, as they run. */
  readonly containers: readonly PlacedContainer[];
  /** What it is made from, one of the plan's objects. */
  readonly object: KubernetesObject;
  /** Of an rc. */
  readonly selector?: Labels;
}

export interface PlacedContainer {
  readonly container: Container;
  readonly path: FieldPath;
  readonly init: boolean;
}

/** A pod's containers with their places, init containers first, as they run. */
function placed({ initContainers, containers }: PodSpec, specPath: FieldPath): PlacedContainer[] {
  const found: PlacedContainer[] = [];
  let index = 0;
  for (const container of initContainers ?? [])
    found.push({ container, path: placeIn(specPath, "initContainers", index++), init: true });
  index = 0;
  for (const container of containers ?? [])
    found.push({ container, path: placeIn(specPath, "containers", index++), init: false });
  return found;
}

/** By what they are in: paths of containers, of which there are few that come again for every workload. */
const places = new Map<string, string[]>();

function placeIn(specPath: FieldPath, list: string, index: number): FieldPath {
  const inside = `${specPath}.${list}`;
  const known = entryIn(places, inside, (): string[] => []);
  return index < 10 ? (known[index] ??= `${inside}[${index}]`) : `${inside}[${index}]`;
}

const words: Readonly<Record<string, string>> = {
  ReplicationController: "rc",
  Pod: "pod",
  Service: "service",
  Node: "node",
  ConfigMap: "config",
  Secret: "secret",
  Namespace: "namespace",
  PersistentVolumeClaim: "claim",
  ServiceAccount: "account",
};

/** What an object's kind is called in KDSL. */
export const wordOf = (kind: string) => words[kind] ?? kind;

export const titleOf = (object: KubernetesObject) => `${wordOf(object.kind)} \`${object.metadata.name}\``;

export function clusterOf(plan: Omit<Plan, "hash">, spans: SpanTable): Cluster {
  const workloads: Workload[] = [];
  const services: Declared<Service>[] = [];
  const nodes: Declared<Node>[] = [];
  const byKey = new Map<ObjectKey, KubernetesObject>();
  const unknown: KubernetesObject[] = [];
  for (const object of plan.objects) {
    const key = keyOf(object);
    byKey.set(key, object);
    if (!isServed(object)) {
      const workload = foreignWorkload(object, key);
      if (workload) workloads.push(workload);
      else unknown.push(object);
      continue;
    }
    if (object.kind === "Pod" || object.kind === "ReplicationController")
      workloads.push(workloadOf(object as Pod | ReplicationController, key));
    if (object.kind === "Service") services.push(declared(object as Service, key));
    if (object.kind === "Node") nodes.push(declared(object as Node, key));
  }
  // A plan without any place in a file is one made by hand; its diagnostics still need a place to stand.
  const nowhere: Span = { file: { path: plan.sources[0]?.path ?? plan.name, text: "" }, start: 0, end: 0 };
  return {
    plan,
    workloads,
    services,
    nodes,
    byKey,
    matching: labelIndex(workloads),
    foreign: foreignPods(unknown, plan.external),
    at: (key, path) => spans.at(key, path),
    near: placesOf(spans, nowhere),
  };
}

function declared<T extends KubernetesObject>(object: T, key: ObjectKey): Declared<T> {
  const { name, namespace = "" } = object.metadata;
  return { key, object, name, namespace, title: titleOf(object) };
}

function workloadOf(object: Pod | ReplicationController, key: ObjectKey): Workload {
  const { name, namespace = "" } = object.metadata;
  const title = titleOf(object);
  if (object.kind === "Pod")
    return {
      key,
      word: "pod",
      name,
      namespace,
      title,
      replicas: 1,
      labels: object.metadata.labels ?? {},
      labelsPath: "metadata.labels",
      spec: object.spec,
      specPath: "spec",
      containers: placed(object.spec, "spec"),
      object,
    };
  const { template, replicas = 1, selector = {} } = object.spec;
  return {
    key,
    word: "rc",
    name,
    namespace,
    title,
    replicas,
    labels: template.metadata?.labels ?? {},
    labelsPath: "spec.template.metadata.labels",
    spec: template.spec,
    specPath: "spec.template.spec",
    containers: placed(template.spec, "spec.template.spec"),
    object,
    selector,
  };
}

/** The pods of a Deployment and its kin. Without a namespace it is in the default one. */
function foreignWorkload(object: KubernetesObject, key: ObjectKey): Workload | undefined {
  const made = madeBy(object);
  if (!made) return undefined;
  const { name, title } = declared(object, key);
  const { lasting, replicas, labels, spec, templatePath, selector } = made;
  return {
    key,
    word: lasting ? "rc" : "job",
    name,
    namespace: namespaceOf(object),
    title,
    replicas,
    labels,
    labelsPath: `${templatePath}.metadata.labels`,
    spec,
    specPath: `${templatePath}.spec`,
    containers: placed(spec, `${templatePath}.spec`),
    object,
    ...(selector ? { selector } : {}),
  };
}

/** Looks a selector up by the rarest of its labels; each distinct selector of several once. */
function labelIndex(workloads: readonly Workload[]): Cluster["matching"] {
  // By namespace, key and value.
  const index = new Map<string, Map<string, Map<string, Workload[]>>>();
  for (const workload of workloads) {
    const { labels, namespace } = workload;
    const keys = entryIn(index, namespace, () => new Map<string, Map<string, Workload[]>>());
    for (const key in labels) {
      const values = entryIn(keys, key, () => new Map<string, Workload[]>());
      const value = labels[key]!;
      const list = values.get(value);
      if (list) list.push(workload);
      else values.set(value, [workload]);
    }
  }
  const known = new Map<string, readonly Workload[]>();
  const find = (namespace: string, selector: Labels): readonly Workload[] => {
    let shortest: readonly Workload[] | undefined;
    for (const key in selector) {
      const list = index.get(namespace)?.get(key)?.get(selector[key]!) ?? [];
      if (!shortest || list.length < shortest.length) shortest = list;
    }
    return shortest ?? [];
  };
  return (namespace, selector = {}) => {
    const keys = Object.keys(selector);
    if (keys.length < 2) return find(namespace, selector);
    const signature = JSON.stringify([namespace, selector]);
    let found = known.get(signature);
    if (!found) {
      found = find(namespace, selector).filter(({ labels }) => mapMatches(selector, labels));
      known.set(signature, found);
    }
    return found;
  };
}

/** The entry of a table, made if there is none. */
function entryIn<T>(table: Map<string, T>, key: string, make: () => T): T {
  let entry = table.get(key);
  if (entry === undefined) table.set(key, (entry = make()));
  return entry;
}
