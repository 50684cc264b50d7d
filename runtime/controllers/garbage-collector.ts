import type { KindMap } from "../../model/core.ts";
import {
  isKind,
  type Kind,
  keyOf,
  type ObjectKey,
  type OwnerReference,
  type Stored,
} from "../../model/meta.ts";
import type { Client, DeleteOptions } from "../client/client.ts";
import { Loop } from "../client/loop.ts";
import { type Controller, type ControllerEnvironment, ifThere, stopAll } from "./controller.ts";
import { collectedKinds, OwnerGraph, ownerState } from "./owner-graph.ts";

const ORPHAN = "orphan";
const FOREGROUND = "foregroundDeletion";

/**
 * Deletes what has lost its owners (`pkg/controller/garbagecollector`). Three ways for an owner to go: at once, and its
 * dependents follow; after its dependents (finalizer `foregroundDeletion`); or leaving them behind without an owner
 * (finalizer `orphan`).
 */
export function createGarbageCollector(client: Client, environment: ControllerEnvironment): Controller {
  const graph = new OwnerGraph();
  /** What is being deleted and held by a finalizer, by uid: who owns others may be waiting for them. */
  const held = new Set<string>();

  const loop = new Loop(
    "garbage-collector",
    environment.clock,
    (key) => {
      const object = find(client, key);
      if (!object) return;
      const { deletionTimestamp, finalizers = [] } = object.metadata;
      if (deletionTimestamp === undefined) return checkOwners(object);
      if (finalizers.includes(ORPHAN)) orphanDependents(object);
      else if (finalizers.includes(FOREGROUND)) deleteDependents(object);
    },
    environment.onError,
  );

  function checkOwners(object: Stored): void {
    const references = object.metadata.ownerReferences ?? [];
    if (references.length === 0) return;
    const states = references.map((reference) => ownerState(client, object, reference, FOREGROUND));
    if (states.every((state) => state === "there")) return;
    if (states.includes("there")) {
      // Somebody is still there for it: the others are forgotten.
      keepOwners(
        client,
        object,
        references.filter((_, index) => states[index] === "there"),
      );
      return;
    }
    const waiting = states.includes("waiting") && graph.dependents(object.metadata.uid).length > 0;
    remove(client, object, waiting ? "Foreground" : policyOf(object));
  }

  function orphanDependents(owner: Stored): void {
    for (const key of graph.dependents(owner.metadata.uid)) {
      const dependent = find(client, key);
      const references = dependent?.metadata.ownerReferences ?? [];
      if (dependent)
        keepOwners(
          client,
          dependent,
          references.filter(({ uid }) => uid !== owner.metadata.uid),
        );
    }
    removeFinalizer(client, owner, ORPHAN);
  }

  /** What does not block the owner goes too, but the owner does not wait for it. */
  function deleteDependents(owner: Stored): void {
    const keys = graph.dependents(owner.metadata.uid);
    const blocking = keys.some((key) =>
      find(client, key)?.metadata.ownerReferences?.some(
        ({ uid, blockOwnerDeletion }) => uid === owner.metadata.uid && blockOwnerDeletion === true,
      ),
    );
    for (const key of keys) loop.add(key);
    if (!blocking) removeFinalizer(client, owner, FOREGROUND);
  }

  const changed = (type: "ADDED" | "MODIFIED" | "DELETED", object: Stored, previous: Stored | undefined) => {
    const next = type === "DELETED" ? undefined : object;
    const otherOwners = graph.update(type === "DELETED" ? (previous ?? object) : previous, next);
    const { uid, namespace, deletionTimestamp, finalizers = [] } = object.metadata;
    const isHeld = next !== undefined && deletionTimestamp !== undefined && finalizers.length > 0;
    if (isHeld) held.add(uid);
    else if (held.size > 0) held.delete(uid);
    if (next && (otherOwners || isHeld)) loop.add(keyOf(next));
    // Those it leaves behind, and those it kept waiting.
    if (next) return;
    for (const key of graph.dependents(uid)) loop.add(key);
    for (const { kind, name, uid } of object.metadata.ownerReferences ?? [])
      if (held.has(uid))
        loop.add(namespace === undefined ? `${kind}/${name}` : `${kind}/${namespace}/${name}`);
  };
  const stops = collectedKinds.map((kind) =>
    client.watch(kind, ({ type, object, previous }) => changed(type, object, previous)),
  );
  return {
    name: loop.name,
    stop: () => {
      loop.stop();
      stopAll(stops);
    },
  };
}

/** The object of a key as the store has it now. */
function find(client: Client, key: ObjectKey): Stored | undefined {
  const parts = key.split("/");
  const kind = parts[0]!;
  if (!isKind(kind)) return undefined;
  return parts.length === 3 ? client.get(kind, parts[1], parts[2]!) : client.get(kind, undefined, parts[1]!);
}

function keepOwners(client: Client, object: Stored, ownerReferences: readonly OwnerReference[]): void {
  const { ownerReferences: _, ...metadata } = object.metadata;
  const kept = ownerReferences.length > 0 ? { ownerReferences } : {};
  update(client, { ...object, metadata: { ...metadata, ...kept } });
}

function removeFinalizer(client: Client, object: Stored, finalizer: string): void {
  const { finalizers = [], ...metadata } = object.metadata;
  const left = finalizers.filter((each) => each !== finalizer);
  update(client, { ...object, metadata: { ...metadata, ...(left.length > 0 && { finalizers: left }) } });
}

function update(client: Client, object: Stored): void {
  client.update(object as KindMap[Kind]);
}

/** A dependent that was to leave its own dependents behind, or to wait for them, still does. */
function policyOf(object: Stored): NonNullable<DeleteOptions["propagationPolicy"]> {
  const { finalizers = [] } = object.metadata;
  return finalizers.includes(ORPHAN)
    ? "Orphan"
    : finalizers.includes(FOREGROUND)
      ? "Foreground"
      : "Background";
}

function remove(
  client: Client,
  object: Stored,
  propagationPolicy: NonNullable<DeleteOptions["propagationPolicy"]>,
): void {
  const { namespace, name, uid } = object.metadata;
  ifThere(() =>
    client.delete(object.kind as Kind, namespace, name, { propagationPolicy, preconditions: { uid } }),
  );
}
