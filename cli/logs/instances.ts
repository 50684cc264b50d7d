import type { ContainerStatus, Pod } from "../../model/core.ts";
import { kinds, type Stored } from "../../model/meta.ts";
import type { ApiClient } from "../client.ts";
import { objectPath } from "../target.ts";

/** One run of a container: what a log is of. */
export interface Instance {
  readonly pod: string;
  readonly namespace: string;
  readonly container: string;
  /** Whether the pod has other containers, too. */
  readonly sidecars: boolean;
  /** Tells runs apart. */
  readonly id: string;
}

export interface LogFlags {
  readonly container?: string;
  readonly previous: boolean;
  readonly timestamps: boolean;
  readonly tailLines?: number;
  /** RFC 3339. */
  readonly sinceTime?: string;
}

/** The runs of a pod's containers that have written something, or may yet. */
export function instancesOf(pod: Stored<Pod>, flags: LogFlags): readonly Instance[] {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const { name, namespace = "default", uid } = pod.metadata;
  return statuses
    .filter(
      (status) =>
        (flags.container === undefined || status.name === flags.container) && hasRun(status, flags.previous),
    )
    .map((status) => ({
      pod: name,
      namespace,
      container: status.name,
      sidecars: statuses.length > 1,
      id: `${uid}/${status.name}/${status.restartCount}`,
    }));
}

function hasRun({ state, lastState }: ContainerStatus, previous: boolean): boolean {
  if (previous) return lastState.terminated !== undefined;
  return state.running !== undefined || state.terminated !== undefined || lastState.terminated !== undefined;
}

/** The lines of one run; each begins with its instant. */
export function readInstance(
  client: ApiClient,
  instance: Instance,
  flags: LogFlags,
  { follow, signal }: { readonly follow: boolean; readonly signal?: AbortSignal },
): AsyncGenerator<string> {
  return client.lines(`${objectPath(kinds.Pod, instance.namespace, instance.pod)}/log`, {
    query: {
      container: instance.container,
      timestamps: true,
      follow,
      previous: flags.previous,
      tailLines: flags.tailLines,
      sinceTime: flags.sinceTime,
    },
    ...(signal && { signal }),
  });
}
