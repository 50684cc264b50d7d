import type { Namespace } from "../../model/core.ts";
import type { Kind, KubernetesObject, Stored } from "../../model/meta.ts";
import type { Context } from "./context.ts";

/** How many finalizers still hold an object, its own or these; those of a namespace's spec count with them. */
export function finalizersLeft(object: KubernetesObject, finalizers = object.metadata.finalizers): number {
  const own = finalizers?.length ?? 0;
  return object.kind === "Namespace" ? own + ((object as Namespace).spec?.finalizers?.length ?? 0) : own;
}

/** Takes an object out of the store, and gives back what was allocated to it. */
export function removeObject(context: Context, object: Stored): void {
  const kind = object.kind as Kind;
  context.allocators[kind]?.release(object);
  context.store.remove(kind, object.metadata.namespace, object.metadata.name);
}
