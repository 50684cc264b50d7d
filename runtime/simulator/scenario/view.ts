import type { Pod, Service } from "../../../model/core.ts";
import { controllerOf, isKind, keyOf, type ObjectKey, objectKey, type Stored } from "../../../model/meta.ts";
import { isActive, isReady } from "../../../model/pod.ts";
import { mapMatches } from "../../../model/selector.ts";
import type { Client } from "../../client/client.ts";
import type { Simulation } from "../simulation.ts";
import { EvaluationError, kindOf, nameOf, namespaceOf } from "./values.ts";

/** The kinds that observations read, and what else they depend on, as bits of a set. */
export const parts = {
  Pod: 1,
  Node: 2,
  Service: 4,
  ReplicationController: 8,
  Endpoints: 16,
  /** What only the world knows: which requests are answered. */
  truth: 32,
  time: 64,
} as const;

const kindsSeen = ["Pod", "Node", "Service", "ReplicationController", "Endpoints"] as const;

/** A state of a simulated cluster as expressions see it; always the present one. */
export interface View {
  readonly client: Client;
  /** Milliseconds since the run began. */
  now(): number;
  /** Of the requests to a service the share that is answered now. */
  serving(service: ObjectKey): number;
  /** How many of the pods that an rc owns are ready and not on their way out. */
  readyOf(ownerUid: string): number;
  /** How many pods there are without a node. */
  pending(): number;
  /** Says that a fault has changed what is answered. */
  struck(): void;
  /** Grows when something of these `parts` changes: as long as it stands, so do values made of them. */
  version(parts: number): number;
  stop(): void;
}

/** A view of a simulation; `changed` is called at each state that a write has made, once it can be seen. */
export function createView(simulation: Simulation, changed: () => void): View {
  const { client, store } = simulation.cluster;
  const counters = new Map<number, number>(kindsSeen.map((kind) => [parts[kind], 0]));
  const tally = createTally(client.list("Pod"));
  let faults = 0;
  const stop = store.subscribe(({ kind, previous, next }) => {
    if (kind === "Pod") tally.change(previous as Stored<Pod> | undefined, next as Stored<Pod> | undefined);
    const bit = kind in parts ? parts[kind as keyof typeof parts] : 0;
    if (bit === 0) return;
    counters.set(bit, counters.get(bit)! + 1);
    changed();
  });
  return {
    client,
    now: () => simulation.clock.now() - simulation.startedAt,
    serving: (service) => simulation.serving(service),
    readyOf: (ownerUid) => tally.readyOf(ownerUid),
    pending: () => tally.pending(),
    struck: () => {
      faults++;
    },
    version: (wanted) => {
      let version = 0;
      for (const [bit, count] of counters) if ((wanted & bit) !== 0) version += count;
      if ((wanted & parts.truth) !== 0)
        version += simulation.answersVersion + faults + counters.get(parts.Node)!;
      if ((wanted & parts.time) !== 0) version += simulation.clock.now();
      return version;
    },
    stop: () => {
      stop();
    },
  };
}

/** Counts of pods that are kept as they change, since a state is looked at after each write. */
function createTally(pods: readonly Stored<Pod>[]) {
  const ready = new Map<string, number>();
  let pending = 0;
  const count = (pod: Stored<Pod> | undefined, sign: 1 | -1) => {
    if (!pod || !isActive(pod)) return;
    if (!pod.spec.nodeName) pending += sign;
    const owner = controllerOf(pod)?.uid;
    if (owner !== undefined && isReady(pod)) ready.set(owner, (ready.get(owner) ?? 0) + sign);
  };
  for (const pod of pods) count(pod, 1);
  return {
    change: (previous: Stored<Pod> | undefined, next: Stored<Pod> | undefined) => {
      count(previous, -1);
      count(next, 1);
    },
    readyOf: (ownerUid: string) => ready.get(ownerUid) ?? 0,
    pending: () => pending,
  };
}

/** The object of a key, as it is now. */
export function objectOf(view: View, key: ObjectKey): Stored | undefined {
  const kind = kindOf(key);
  return isKind(kind) ? view.client.get(kind, namespaceOf(key), nameOf(key)) : undefined;
}

/** The pods of an rc (that it owns), a service (that it selects), a node (bound to it), or a pod itself. */
export function podsOf(view: View, key: ObjectKey): readonly Stored<Pod>[] {
  const object = objectOf(view, key);
  if (!object) return [];
  const { client } = view;
  const { namespace } = object.metadata;
  switch (object.kind) {
    case "Pod":
      return [object as Stored<Pod>];
    case "ReplicationController":
      return client
        .list("Pod", { fields: { "metadata.ownerReferences.uid": object.metadata.uid } })
        .filter((pod) => pod.metadata.namespace === namespace);
    case "Service": {
      const { selector } = (object as Stored<Service>).spec;
      return client
        .list("Pod", { namespace: namespace ?? "default" })
        .filter((pod) => mapMatches(selector, pod.metadata.labels));
    }
    case "Node":
      return client.list("Pod", { fields: { "spec.nodeName": object.metadata.name } });
    default:
      throw new EvaluationError(`a ${object.kind} has no pods`, undefined);
  }
}

const words = { rc: "ReplicationController", pod: "Pod", node: "Node", service: "Service" } as const;

/** The objects that a sentence of the runtime names (`rc web has 2 pods of 3`), and the rcs of its pods. */
export function objectsNamed({ client }: View, sentence: string): readonly ObjectKey[] {
  const keys = new Set<ObjectKey>();
  for (const [, word, name] of sentence.matchAll(
    /\b(rc|pod|node|service) ([a-z0-9](?:[-.a-z0-9]*[a-z0-9])?)/g,
  )) {
    const found = client
      .list(words[word as keyof typeof words])
      .filter(({ metadata }) => metadata.name === name);
    for (const object of found) {
      keys.add(keyOf(object));
      const owner = controllerOf(object);
      if (owner) keys.add(objectKey(owner.kind, object.metadata.namespace, owner.name));
    }
  }
  return [...keys];
}
