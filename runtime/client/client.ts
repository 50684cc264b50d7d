import type { KindMap } from "../../model/core.ts";
import type { Kind, Stored } from "../../model/meta.ts";
import type { Selector } from "../../model/selector.ts";

/**
 * What a loop sees of the cluster. Everything is synchronous: reads are of frozen, shared objects; a write has
 * passed defaulting, validation and allocation and is visible to every reader when the call returns.
 */
export interface Client {
  get<K extends Kind>(kind: K, namespace: string | undefined, name: string): Stored<KindMap[K]> | undefined;
  /** In order of namespace and name. */
  list<K extends Kind>(kind: K, query?: ListQuery): readonly Stored<KindMap[K]>[];
  /** Gives the object as stored. Throws `ApiError` (AlreadyExists, Invalid, Forbidden …). */
  create<K extends Kind>(object: KindMap[K]): Stored<KindMap[K]>;
  /**
   * Writes metadata and spec. With a `resourceVersion` that is not the current one it throws `ApiError` Conflict.
   * What changes nothing writes nothing and gives the object as it is.
   */
  update<K extends Kind>(object: KindMap[K]): Stored<KindMap[K]>;
  /** Writes status only; else as `update`. */
  updateStatus<K extends Kind>(object: KindMap[K]): Stored<KindMap[K]>;
  /**
   * Deletes, gracefully where the kind knows it (pods on a node): then only `deletionTimestamp` is set and the object
   * goes when its kubelet deletes it with a grace of 0. Throws `ApiError` NotFound or Conflict (preconditions).
   */
  delete(kind: Kind, namespace: string | undefined, name: string, options?: DeleteOptions): void;
  /** Binds a pod to a node (the binding subresource). Throws `ApiError` Conflict where it is bound already. */
  bind(namespace: string, name: string, node: string): void;
  /**
   * Calls `handler` with ADDED for each object there is, then after each write, synchronously; with DELETED for what is gone,
   * as it was last. Handlers only note keys.
   */
  watch<K extends Kind>(kind: K, handler: WatchHandler<KindMap[K]>, query?: ListQuery): () => void;
  /** Records an event about an object, counting repeats. `component` is the source, e.g. "default-scheduler". */
  event(
    about: Stored,
    component: string,
    type: "Normal" | "Warning",
    reason: string,
    message: string,
    options?: EventOptions,
  ): void;
}

export interface EventOptions {
  /** The node a kubelet speaks for (`source.host`). */
  readonly host?: string;
  /** The part of the object, e.g. `spec.containers{web}`. */
  readonly fieldPath?: string;
}

export interface ListQuery {
  readonly namespace?: string;
  readonly selector?: Selector;
  /** Fields by equality. `spec.nodeName` of pods and `metadata.ownerReferences.uid` (of the controller) are indexed. */
  readonly fields?: Readonly<Record<string, string>>;
}

export interface DeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
  readonly propagationPolicy?: "Orphan" | "Background" | "Foreground";
}

export interface WatchEvent<T extends KindMap[Kind]> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: Stored<T>;
  /** The object before the write; absent when it was just created. */
  readonly previous?: Stored<T>;
}

export type WatchHandler<T extends KindMap[Kind]> = (event: WatchEvent<T>) => void;

/** What the API answers to a request it refuses: the fields of a Kubernetes `Status`. */
export class ApiError extends Error {
  readonly code: number;
  readonly reason: string;
  readonly details: StatusDetails | undefined;

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

export interface StatusDetails {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly StatusCause[];
  readonly retryAfterSeconds?: number;
}

/** `reason` is one of FieldValueRequired, FieldValueInvalid, FieldValueDuplicate, FieldValueNotSupported, FieldValueForbidden … */
export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}
