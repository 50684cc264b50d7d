import type { Clock } from "../../base/clock.ts";
import type { Namespace } from "../../model/core.ts";
import { type Kind, kindNames, kinds, type Stored } from "../../model/meta.ts";
import type { Client } from "../client/client.ts";
import { setCondition } from "../client/conditions.ts";
import { Loop } from "../client/loop.ts";
import { type Controller, type ControllerEnvironment, ifThere, stopAll } from "./controller.ts";

/** What is in namespaces, but for pods and what is told of them: pods go first, events last. */
const contents = kindNames.filter((kind) => kinds[kind].namespaced && kind !== "Pod" && kind !== "Event");

/**
 * Empties a namespace that is being deleted and then lets it go (`pkg/controller/namespace`): pods first, and nothing
 * else until the last of them has ended (KEP-5080).
 */
export function createNamespaceController(client: Client, environment: ControllerEnvironment): Controller {
  const loop = new Loop(
    "namespace",
    environment.clock,
    (name) => {
      const namespace = client.get("Namespace", undefined, name);
      if (namespace?.metadata.deletionTimestamp !== undefined) empty(client, namespace, environment.clock);
    },
    environment.onError,
  );

  /** The namespaces that are being deleted: what is in them is watched until they are gone. */
  const ending = new Map<string, readonly (() => void)[]>();
  const watchContents = (namespace: string) =>
    [...contents, "Pod" as const, "Event" as const].map((kind) =>
      client.watch(kind, () => loop.add(namespace), { namespace }),
    );
  const stop = client.watch("Namespace", ({ type, object }) => {
    const { name, deletionTimestamp } = object.metadata;
    if (type === "DELETED" || deletionTimestamp === undefined) {
      stopAll(ending.get(name) ?? []);
      ending.delete(name);
      return;
    }
    loop.add(name);
    if (!ending.has(name)) ending.set(name, watchContents(name));
  });
  return {
    name: loop.name,
    stop: () => {
      loop.stop();
      stop();
      for (const stops of ending.values()) stopAll(stops);
    },
  };
}

function empty(client: Client, namespace: Stored<Namespace>, clock: Clock): void {
  const { name } = namespace.metadata;
  for (const kindsNow of [["Pod"], contents, ["Event"]] as const) {
    const left = kindsNow.flatMap((kind) => removeAll(client, kind, name));
    if (left.length === 0) continue;
    report(client, namespace, left, clock);
    return;
  }
  client.update<"Namespace">({ ...namespace, spec: { finalizers: [] } });
}

/** Says what is left and what holds it, as Kubernetes does (`namespace_conditions.go`). */
function report(client: Client, namespace: Stored<Namespace>, left: readonly Stored[], clock: Clock): void {
  const resources = tally(left, ({ kind }) => [`${kinds[kind as Kind].plural}.`]);
  const finalizers = tally(left, ({ metadata }) => metadata.finalizers ?? []);
  const found = {
    NamespaceDeletionDiscoveryFailure: ["ResourcesDiscovered", "All resources successfully discovered"],
    NamespaceDeletionGroupVersionParsingFailure: [
      "ParsedGroupVersions",
      "All legacy kube types successfully parsed",
    ],
    NamespaceDeletionContentFailure: [
      "ContentDeleted",
      "All content successfully deleted, may be waiting on finalization",
    ],
    NamespaceContentRemaining: [
      "SomeResourcesRemain",
      `Some resources are remaining: ${resources.map(([each, count]) => `${each} has ${count} resource instances`).join(", ")}`,
    ],
    NamespaceFinalizersRemaining:
      finalizers.length === 0
        ? ["ContentHasNoFinalizers", "All content-preserving finalizers finished"]
        : [
            "SomeFinalizersRemain",
            `Some content in the namespace has finalizers remaining: ${finalizers.map(([each, count]) => `${each} in ${count} resource instances`).join(", ")}`,
          ],
  } as const;
  let conditions = namespace.status?.conditions;
  for (const [type, [reason, message]] of Object.entries(found)) {
    const status = reason.startsWith("Some") ? "True" : "False";
    conditions = setCondition(conditions, { type, status, reason, message }, clock.now());
  }
  client.updateStatus<"Namespace">({
    ...namespace,
    status: { ...namespace.status, conditions: conditions! },
  });
}

/** How often each word occurs, in order of the words. */
function tally(
  objects: readonly Stored[],
  wordsOf: (object: Stored) => readonly string[],
): (readonly [string, number])[] {
  const counts = new Map<string, number>();
  for (const word of objects.flatMap(wordsOf)) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Deletes all of a kind in a namespace; gives what is left, because something holds it. */
function removeAll(client: Client, kind: Kind, namespace: string): readonly Stored[] {
  for (const object of client.list(kind, { namespace }) as readonly Stored[]) {
    if (object.metadata.deletionTimestamp !== undefined) continue;
    const { name, uid } = object.metadata;
    ifThere(() =>
      client.delete(kind, namespace, name, { propagationPolicy: "Background", preconditions: { uid } }),
    );
  }
  return client.list(kind, { namespace });
}
