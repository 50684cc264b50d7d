import type { Clock } from "../base/clock.ts";
import { isTypeName } from "../model/api/types.ts";
import type { KindMap, Node, Pod, ReplicationController, Secret, Service } from "../model/core.ts";
import {
  isKind,
  isServed,
  type Kind,
  type KubernetesObject,
  keyOf,
  type ManagedFieldsEntry,
  type ObjectKey,
  ROLLOUT_ANNOTATION,
  type Stored,
} from "../model/meta.ts";
import type { Plan, SecretSource } from "../model/plan.ts";
import { isReady } from "../model/pod.ts";
import { ApiError, type Client } from "./client/client.ts";
import { Loop } from "./client/loop.ts";
import { equalStructure } from "./client/structure.ts";
import { formatRollout } from "./controllers/rollout.ts";
import { encodeBase64 } from "./kubelet/encoding.ts";
import { threeWayMerge } from "./merge.ts";
import type { Registry } from "./registry/registry.ts";

/** Gives the value of a secret's key at the time it is applied, as text or in base64; undefined where there is none. */
export type SecretReader = (
  source: SecretSource,
  secret: ObjectKey,
  key: string,
) => string | { readonly base64: string } | undefined;

/** What an application of a plan did. */
export interface ApplyResult {
  readonly created: readonly ObjectKey[];
  readonly updated: readonly ObjectKey[];
  readonly deleted: readonly ObjectKey[];
  /** Not created yet, because something has to be ready or gone first. */
  readonly held: readonly ObjectKey[];
  readonly refused: readonly { readonly key: ObjectKey; readonly message: string }[];
}

export interface ApplyOptions {
  readonly enforce?: boolean;
}

export interface Applier {
  /**
   * Makes the cluster what `plan` says. Against the plan applied before, only what differs between the two is
   * written: what `kubectl` or `kdsl scale` changed in the meantime stays, unless the file changed just that. With
   * `enforce` every field that the plan has is made as it says again; what it does not have stays even then.
   */
  apply(plan: Plan, options?: ApplyOptions): ApplyResult;
  /** Takes `plan` as applied already, by an earlier cluster: only what is not there (yet) is made. */
  resume(plan: Plan): void;
  /** What is not created yet, because something has to be ready or gone first. */
  held(): readonly ObjectKey[];
  stop(): void;
}

interface Held {
  readonly object: KubernetesObject;
  readonly ready: () => boolean;
}

/** Says who has set which fields of an object after a plan has made `next` of `live`. */
export type Manage = (live: Stored | undefined, next: KubernetesObject) => readonly ManagedFieldsEntry[];

export interface ApplierOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly readSecret: SecretReader;
  /** Absent: no account is kept of what the plan sets. */
  readonly manage?: Manage | undefined;
}

export function createApplier({ registry, clock, readSecret, manage }: ApplierOptions): Applier {
  const client: Writing = {
    ...registry,
    create: (object) => registry.create(object, manage && { managedFields: manage(undefined, object) }),
    update: (object) => {
      const live = manage && read(registry, object);
      return registry.update(object, manage && { managedFields: manage(live, object) });
    },
  };
  const held = new Map<ObjectKey, Held>();
  /** What the last plan asked for, secrets with the values that they had then. */
  let previous: ReadonlyMap<ObjectKey, KubernetesObject> = new Map();

  const loop = new Loop("apply", clock, (key) => {
    const entry = held.get(key);
    if (!entry?.ready()) return;
    held.delete(key);
    create(client, entry.object);
  });
  const recheck = () => {
    for (const key of held.keys()) loop.add(key);
  };
  const unwatch = (["Pod", "ReplicationController", "Endpoints"] as const).map((kind) =>
    client.watch(kind, recheck),
  );

  const apply = (plan: Plan, { enforce = false }: ApplyOptions = {}): ApplyResult => {
    const result = {
      created: [] as string[],
      updated: [] as string[],
      deleted: [] as string[],
      held: [] as string[],
    };
    const refused: { key: ObjectKey; message: string }[] = [];
    const wanted = wantedBy(plan, readSecret);
    for (const [key, object] of [...previous].reverse()) {
      if (wanted.has(key)) continue;
      held.delete(key);
      if (remove(client, object)) result.deleted.push(key);
    }
    for (const [key, object] of wanted) {
      try {
        const outcome = applyObject(client, plan, object, previous.get(key), enforce);
        if (outcome === "created" || outcome === "updated") result[outcome].push(key);
        else if (outcome) {
          held.set(key, { object, ready: outcome });
          result.held.push(key);
        }
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        refused.push({ key, message: error.message });
      }
    }
    previous = wanted;
    recheck();
    return { ...result, refused };
  };

  return {
    apply,
    resume(plan) {
      previous = new Map([...wantedBy(plan, readSecret)].filter(([, object]) => read(client, object)));
      apply(plan);
    },
    held: () => [...held.keys()],
    stop: () => {
      loop.stop();
      for (const stop of unwatch) stop();
    },
  };
}

/** The cluster, with writes that are the plan's. */
type Writing = Pick<Client, "get" | "watch" | "create" | "update" | "updateStatus" | "delete">;

/** Kinds that the store does not hold are left out: whoever applies the plan has said so. */
function wantedBy(plan: Plan, readSecret: SecretReader): Map<ObjectKey, KubernetesObject> {
  const objects = [...namespacesOutside(plan), ...plan.objects.filter(isServed)];
  return new Map(objects.map((object) => [keyOf(object), withValues(object, plan, readSecret)]));
}

/** Created, updated, unchanged (undefined), or the condition on which it can be created. */
function applyObject(
  client: Writing,
  plan: Plan,
  object: KubernetesObject,
  before: KubernetesObject | undefined,
  enforce: boolean,
): "created" | "updated" | undefined | (() => boolean) {
  const key = keyOf(object);
  const live = read(client, object);
  if (!live) {
    const after = plan.after[key] ?? [];
    const ready = () => after.every((dependency) => isUp(client, dependency));
    if (!ready()) return ready;
    create(client, object);
    return "created";
  }
  // What exists before the first application (nodes, the default namespace) is merged into, never replaced.
  if (!enforce && (before ? equalStructure(before, object) : object.kind === "Node")) return undefined;
  const type = isTypeName(object.kind) ? ({ form: "object", type: object.kind } as const) : undefined;
  let next = threeWayMerge(live, before ?? {}, object, { type, enforce }) as Stored;
  if (object.kind === "Pod") return applyPod(client, live, next, before, object);
  if (object.kind === "Service") next = keepNodePorts(live as Service, next as Service) as Stored;
  if (object.kind === "ReplicationController")
    next = askForRollout(plan, live, next as ReplicationController) as Stored;
  const updated = client.update(next as KindMap[Kind]);
  if (object.kind === "Node") updateDeclared(client, updated as Stored<Node>, object as Node);
  return updated.metadata.resourceVersion === live.metadata.resourceVersion ? undefined : "updated";
}

/**
 * A pod is changed in place where that can be; else it is deleted and made anew. A file's own change makes it anew in
 * any case: that is when its containers start with what the file says.
 */
function applyPod(
  client: Writing,
  live: Stored,
  next: Stored,
  before: KubernetesObject | undefined,
  object: KubernetesObject,
): "updated" | undefined | (() => boolean) {
  const asBefore = before !== undefined && equalStructure(withoutStatus(before), withoutStatus(object));
  if (equalStructure(withoutStatus(live), withoutStatus(next)) && (asBefore || !before)) return undefined;
  if (asBefore) {
    try {
      client.update(next as KindMap[Kind]);
      return "updated";
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== 422) throw error;
    }
  }
  client.delete("Pod", object.metadata.namespace, object.metadata.name);
  return () => read(client, object) === undefined;
}

/** Namespaces that are there elsewhere and not here: what the plan puts into them needs them. */
function namespacesOutside({ external = {} }: Plan): KubernetesObject[] {
  return Object.keys(external).flatMap((key) => {
    const [kind, name = ""] = key.split("/");
    return kind === "Namespace" ? [{ apiVersion: "v1", kind, metadata: { name } }] : [];
  });
}

function create(client: Writing, object: KubernetesObject): void {
  client.create(object as KindMap[Kind]);
}

function read(client: Writing, object: KubernetesObject): Stored | undefined {
  return isKind(object.kind)
    ? client.get(object.kind, object.metadata.namespace, object.metadata.name)
    : undefined;
}

function remove(client: Writing, object: KubernetesObject): boolean {
  if (!read(client, object)) return false;
  client.delete(object.kind as Kind, object.metadata.namespace, object.metadata.name, {
    propagationPolicy: "Background",
  });
  return true;
}

function withoutStatus(object: KubernetesObject | undefined): unknown {
  return object && { ...object, status: undefined };
}

/** A secret with its values, read now; a key without one is left out (whoever applies the plan has refused that before). */
function withValues(object: KubernetesObject, plan: Plan, readSecret: SecretReader): KubernetesObject {
  if (object.kind !== "Secret") return object;
  // As the store keeps them, so that a later plan's differences are seen, keys that it leaves out among them.
  const data: Record<string, string> = { ...(object as Secret).data };
  for (const [name, source] of Object.entries(plan.secrets[keyOf(object)] ?? {})) {
    const value = readSecret(source, keyOf(object), name);
    if (value !== undefined) data[name] = typeof value === "string" ? encodeBase64(value) : value.base64;
  }
  return { ...object, data } as KubernetesObject;
}

/** A node port that the cluster chose stays with its port when a file's edit replaces the list of ports. */
function keepNodePorts(live: Service, next: Service): Service {
  if (next.spec.type !== "NodePort" && next.spec.type !== "LoadBalancer") return next;
  const ports = next.spec.ports?.map((port) => {
    if (port.nodePort !== undefined) return port;
    const old = live.spec.ports?.find((each) => each.name === port.name && each.port === port.port);
    return old?.nodePort === undefined ? port : { ...port, nodePort: old.nodePort };
  });
  return ports ? { ...next, spec: { ...next.spec, ports } } : next;
}

/** A changed template rolls, when it comes from a file: the plan says how. */
function askForRollout(
  plan: Plan,
  live: KubernetesObject,
  next: ReplicationController,
): ReplicationController {
  if (equalStructure((live as ReplicationController).spec.template, next.spec.template)) return next;
  const strategy = plan.updates[keyOf(next)] ?? { surge: 1, unavailable: 0 };
  if (strategy === "never") return next;
  const annotations = {
    ...next.metadata.annotations,
    [ROLLOUT_ANNOTATION]: formatRollout(strategy),
  };
  return { ...next, metadata: { ...next.metadata, annotations } };
}

/** What a node is declared to have, of which its kubelet reports the rest. */
function updateDeclared(client: Writing, live: Stored<Node>, planned: Node): void {
  const { capacity, allocatable, addresses } = planned.status ?? {};
  const status = {
    ...live.status,
    ...(capacity ? { capacity: { ...live.status?.capacity, ...capacity } } : {}),
    ...(allocatable ? { allocatable: { ...live.status?.allocatable, ...allocatable } } : {}),
    ...(addresses ? { addresses } : {}),
  };
  if (!equalStructure(live.status, status)) client.updateStatus({ ...live, status });
}

/** Whether what others wait for is there: an rc with all its pods ready, a ready pod, a service with an endpoint. */
function isUp(client: Writing, key: ObjectKey): boolean {
  const [kind = "", namespace, name = ""] = key.split("/");
  switch (kind) {
    case "ReplicationController": {
      const rc = client.get("ReplicationController", namespace, name);
      return rc !== undefined && (rc.status?.readyReplicas ?? 0) >= (rc.spec.replicas ?? 1);
    }
    case "Pod": {
      const pod: Pod | undefined = client.get("Pod", namespace, name);
      return pod !== undefined && (isReady(pod) || pod.status?.phase === "Succeeded");
    }
    case "Service":
      return (client.get("Endpoints", namespace, name)?.subsets ?? []).some(
        (subset) => subset.addresses?.length,
      );
    default:
      return true;
  }
}
