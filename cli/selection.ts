import type { Pod, ReplicationController, Service } from "../model/core.ts";
import { controllerOf, type KindInfo, kinds, type Stored } from "../model/meta.ts";
import { formatLabels } from "../model/selector.ts";
import { type ApiClient, ServerError } from "./client.ts";
import { CommandError, exitCodes } from "./error.ts";
import { collectionPath, kindOf, objectPath } from "./target.ts";

/** What a word of a command line means: an object, and the pods that belong to it. */
export interface Selection {
  readonly info: KindInfo;
  readonly object: Stored;
  /** How its pods are asked for. */
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Whether a pod that the selectors find is one of its own. */
  readonly owns: (pod: Stored<Pod>) => boolean;
}

/** In this order a bare name is looked for. */
const bareKinds = [kinds.ReplicationController, kinds.Service, kinds.Pod] as const;

/** Resolves `KIND/NAME`, or a bare name: an rc, else a service, else a pod of that name. */
export async function resolveTarget(client: ApiClient, word: string, namespace: string): Promise<Selection> {
  const [first, second, ...rest] = word.split("/");
  if (first === "" || second === "" || rest.length > 0)
    throw new CommandError(`${JSON.stringify(word)} is neither NAME nor KIND/NAME`, exitCodes.usage);
  if (second !== undefined) {
    const info = kindOf(first!);
    if (!bareKinds.some(({ kind }) => kind === info.kind))
      throw new CommandError(
        `a ${info.singular} has no pods: name an rc, a service or a pod`,
        exitCodes.usage,
      );
    return selectionOf(info, await client.json<Stored>(objectPath(info, namespace, second)));
  }
  for (const info of bareKinds) {
    try {
      return selectionOf(info, await client.json<Stored>(objectPath(info, namespace, first!)));
    } catch (error) {
      if (!(error instanceof ServerError && error.status.code === 404)) throw error;
    }
  }
  throw new CommandError(`there is no rc, service or pod ${JSON.stringify(word)} in namespace ${namespace}`);
}

function selectionOf(info: KindInfo, object: Stored): Selection {
  if (info.kind === "Pod") {
    const { name, uid } = object.metadata;
    return { info, object, fieldSelector: `metadata.name=${name}`, owns: (pod) => pod.metadata.uid === uid };
  }
  const { selector } = (object as unknown as Stored<ReplicationController | Service>).spec;
  const labelSelector = selector && Object.keys(selector).length > 0 ? formatLabels(selector) : undefined;
  return {
    info,
    object,
    ...(labelSelector !== undefined && { labelSelector }),
    owns: (pod) =>
      labelSelector !== undefined &&
      (info.kind === "Service" || controllerOf(pod)?.uid === object.metadata.uid),
  };
}

/** The pods of a selection as they are now. */
export async function podsOf(
  client: ApiClient,
  selection: Selection,
  namespace: string,
): Promise<readonly Stored<Pod>[]> {
  const { labelSelector, fieldSelector } = selection;
  const { items } = await client.json<{ items: readonly Stored<Pod>[] }>(
    collectionPath(kinds.Pod, namespace),
    {
      query: { labelSelector, fieldSelector },
    },
  );
  return items.filter(selection.owns);
}
