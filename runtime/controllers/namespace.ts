import type { Namespace } from "../../model/core.ts";
import { type Kind, kindNames, kinds, type Stored } from "../../model/meta.ts";
import { ApiError, type Client } from "../client/client.ts";
import { Loop } from "../client/loop.ts";
import { type Controller, type ControllerEnvironment, stopAll } from "./controller.ts";

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
      if (namespace?.metadata.deletionTimestamp !== undefined) empty(client, namespace);
    },
    environment.onError,
  );

  const stops = [
    client.watch("Namespace", ({ object }) => {
      if (object.metadata.deletionTimestamp !== undefined) loop.add(object.metadata.name);
    }),
    ...kindNames
      .filter((kind) => kinds[kind].namespaced)
      .map((kind) =>
        client.watch(kind, ({ object }) => {
          const name = object.metadata.namespace!;
          if (client.get("Namespace", undefined, name)?.metadata.deletionTimestamp !== undefined)
            loop.add(name);
        }),
      ),
  ];
  return {
    name: loop.name,
    stop: () => {
      loop.stop();
      stopAll(stops);
    },
  };
}

function empty(client: Client, namespace: Stored<Namespace>): void {
  const { name } = namespace.metadata;
  if (removeAll(client, "Pod", name) > 0) return;
  if (contents.reduce((left, kind) => left + removeAll(client, kind, name), 0) > 0) return;
  if (removeAll(client, "Event", name) > 0) return;
  client.update<"Namespace">({ ...namespace, spec: { finalizers: [] } });
}

/** Deletes all of a kind in a namespace; gives how many are left, because something holds them. */
function removeAll(client: Client, kind: Kind, namespace: string): number {
  for (const object of client.list(kind, { namespace }) as readonly Stored[]) {
    if (object.metadata.deletionTimestamp !== undefined) continue;
    const { name, uid } = object.metadata;
    try {
      client.delete(kind, namespace, name, { propagationPolicy: "Background", preconditions: { uid } });
    } catch (error) {
      if (!(error instanceof ApiError && error.reason === "NotFound")) throw error;
    }
  }
  return client.list(kind, { namespace }).length;
}
