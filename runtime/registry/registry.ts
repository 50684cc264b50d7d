import type { Clock } from "../../base/clock.ts";
import type { Random } from "../../base/random.ts";
import type { KindMap, Lease } from "../../model/core.ts";
import { type Kind, kinds, type Stored } from "../../model/meta.ts";
import { commonClasses, type PriorityClasses } from "../../model/priority.ts";
import type { Client, DeleteOptions, ListQuery, WatchEvent } from "../client/client.ts";
import { renewedLease } from "../client/lease.ts";
import { withoutNulls } from "../client/structure.ts";
import type { Heartbeats, NetworkPlan } from "../environment.ts";
import type { Since, Store } from "../store/store.ts";
import { bindPod } from "./bind.ts";
import type { Allocators, Context, UpdateOptions, WriteOptions } from "./context.ts";
import { createObject } from "./create.ts";
import { deleteObject } from "./delete.ts";
import { createEventRecorder } from "./events.ts";
import { initialNamespaces } from "./namespace.ts";
import { createNodeAllocator } from "./node.ts";
import { createServiceAllocator } from "./service-allocator.ts";
import { updateObject, updateObjectStatus } from "./update.ts";

/**
 * The rules of the Kubernetes API over a store: what loops write through, and what the API server answers from. All
 * its errors are `ApiError`s with Kubernetes' codes, reasons and texts; after one nothing has changed.
 */
export interface Registry extends Client {
  /** The revision of the last write: the `resourceVersion` of a list. */
  readonly revision: number;
  create<K extends Kind>(object: KindMap[K], options?: WriteOptions): Stored<KindMap[K]>;
  update<K extends Kind>(object: KindMap[K], options?: UpdateOptions): Stored<KindMap[K]>;
  updateStatus<K extends Kind>(object: KindMap[K], options?: WriteOptions): Stored<KindMap[K]>;
  bind(namespace: string, name: string, node: string, options?: WriteOptions): void;
  /** As `delete`, and tells what is left: the object with its time of deletion, or as it was last when it is gone. */
  remove(
    kind: Kind,
    namespace: string | undefined,
    name: string,
    options?: DeleteOptions & WriteOptions,
  ): { readonly object: Stored; readonly gone: boolean };
  /** What a watch would have told after a revision; "expired" where that is too long ago (410 in the API). */
  since(kind: Kind, revision: number, query?: ListQuery): Since;
  /** A watch that goes on from a revision: first what was missed. Each call tells the revision of the change, too. */
  watchFrom(
    kind: Kind,
    revision: number,
    handler: (event: WatchEvent<KindMap[Kind]>, revision: number) => void,
    query?: ListQuery,
  ): (() => void) | "expired";
}

export interface RegistryOptions {
  readonly clock: Clock;
  /** For uids, generated names, addresses and ports. */
  readonly random: Random;
  readonly network: NetworkPlan;
  readonly store: Store;
  /** Leases are read as renewed by the beats that it tells of. */
  readonly heartbeats?: Heartbeats;
  /** The classes of priority of now; those of every cluster where left out. The same ones are the same object. */
  readonly classes?: () => PriorityClasses;
}

export function createRegistry(options: RegistryOptions): Registry {
  const { clock, random, network, store, heartbeats, classes = () => commonClasses } = options;
  const allocators: Allocators = {
    Service: createServiceAllocator(network, random.fork("services")),
    Node: createNodeAllocator(network),
  };
  const context: Context = { clock, random: random.fork("names"), network, store, allocators, classes };
  for (const kind of ["Service", "Node"] as const) {
    for (const object of store.list(kind)) allocators[kind]!.restore(object);
  }
  for (const name of initialNamespaces) {
    const namespace = { apiVersion: kinds.Namespace.apiVersion, kind: "Namespace", metadata: { name } };
    if (!store.get("Namespace", undefined, name)) createObject(context, namespace);
  }
  /** Kinds with a namespace are in `default` where none is named. */
  const scope = (kind: Kind, namespace: string | undefined) =>
    kinds[kind].namespaced ? namespace || "default" : undefined;

  const asRead = (object: Stored | undefined) =>
    heartbeats && object?.kind === "Lease" ? renewedLease(object as Stored<Lease>, heartbeats) : object;

  return {
    get revision() {
      return store.revision;
    },
    get: (kind, namespace, name) => asRead(store.get(kind, scope(kind, namespace), name)) as never,
    list: (kind, query) => {
      const found = store.list(kind, query);
      return kind === "Lease" && heartbeats ? (found.map(asRead) as never) : found;
    },
    create: (object, options) => createObject(context, withoutNulls(object), options) as never,
    update: (object, options) => updateObject(context, withoutNulls(object), options) as never,
    updateStatus: (object, options) => updateObjectStatus(context, withoutNulls(object), options) as never,
    delete: (kind, namespace, name, options) => {
      deleteObject(context, kind, namespace, name, options);
    },
    remove: (kind, namespace, name, options) => {
      const { gone, object } = deleteObject(context, kind, namespace, name, options);
      return { gone, object: object() };
    },
    bind: (namespace, name, node, options) => {
      bindPod(context, namespace, name, node, options);
    },
    watch: (kind, handler, query) => store.watch(kind, handler, query),
    event: createEventRecorder(context),
    since: (kind, revision, query) => store.since(kind, revision, query),
    watchFrom: (kind, revision, handler, query) => store.watchFrom(kind, revision, handler, query),
  };
}
