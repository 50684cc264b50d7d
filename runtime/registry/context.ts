import type { Clock } from "../../base/clock.ts";
import type { Random } from "../../base/random.ts";
import type { Kind, KubernetesObject, ManagedFieldsEntry, Stored } from "../../model/meta.ts";
import type { PriorityClasses } from "../../model/priority.ts";
import type { NetworkPlan } from "../environment.ts";
import type { Store } from "../store/store.ts";

/** What every rule of the registry stands on. */
export interface Context {
  readonly clock: Clock;
  readonly random: Random;
  readonly network: NetworkPlan;
  readonly store: Store;
  readonly allocators: Allocators;
  /** The classes of priority of now. */
  readonly classes: () => PriorityClasses;
}

export interface WriteOptions {
  /** All is done but the writing: the answer is what would have been stored, or the error. */
  readonly dryRun?: boolean;
  /** Who has set which fields after this write. Absent: as before; whoever writes without asking the API owns nothing. */
  readonly managedFields?: readonly ManagedFieldsEntry[];
}

/** Of an update. */
export interface UpdateOptions extends WriteOptions {
  /** The write is of a namespace's finalizers, and of nothing else (the subresource `finalize`). */
  readonly finalize?: boolean;
}

/**
 * Something that a write has taken and that must be given back if the write does not come about. After `undo` it is
 * as if it had never been taken; after `commit` what the object before had and the new one has not is free.
 */
export interface Allocation<T extends KubernetesObject = KubernetesObject> {
  readonly object: T;
  commit(): void;
  undo(): void;
}

/** Gives a kind's objects what is unique in the cluster. */
export interface Allocator {
  /** Throws `ApiError` where what the object asks for is another's or there is none left. */
  allocate(previous: KubernetesObject | undefined, next: KubernetesObject): Allocation;
  /** What an object that is gone had. */
  release(object: KubernetesObject): void;
  /** What an object that was there before the registry has. */
  restore(object: KubernetesObject): void;
}

export type Allocators = Readonly<Partial<Record<Kind, Allocator>>>;

/** A JSON record, whatever its fields hold. */
export type Fields = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function kindOf(object: KubernetesObject | Stored): Kind {
  return object.kind as Kind;
}
