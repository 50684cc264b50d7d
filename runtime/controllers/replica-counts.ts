import type { Pod, ReplicationController } from "../../model/core.ts";
import { controllerOf, type Labels, type Stored } from "../../model/meta.ts";
import { isActive, isReady } from "../../model/pod.ts";
import { mapMatches } from "../../model/selector.ts";
import { isAvailable } from "./availability.ts";

/** What an rc's status says of its pods. */
export interface ReplicaCounts {
  readonly total: number;
  /** Those that have all labels of the template. */
  readonly labelled: number;
  readonly ready: number;
  readonly available: number;
}

/** Pods of one owner that have the same labels: those of one template share them, so that there are few groups. */
interface Group {
  total: number;
  ready: number;
}

/** How many active pods each controller owns, kept up to date by what watches tell. */
export class OwnedCounts {
  /** By the uid of the controller, then by labels. */
  readonly #owners = new Map<string, Map<Labels | undefined, Group>>();
  #unowned = 0;

  /** How many active pods nobody controls. */
  get unowned(): number {
    return this.#unowned;
  }

  /** Takes in a change of a pod: as it was told of last, and as it is now; undefined: it was not there, or is gone. */
  change(previous: Stored<Pod> | undefined, next: Stored<Pod> | undefined): void {
    if (previous) this.#add(previous, -1);
    if (next) this.#add(next, 1);
  }

  /** Of an rc that asks for no time of being ready; undefined where its selector does not match all that it owns. */
  of(rc: Stored<ReplicationController>): ReplicaCounts | undefined {
    const counts = { total: 0, labelled: 0, ready: 0, available: 0 };
    for (const [labels, { total, ready }] of this.#owners.get(rc.metadata.uid) ?? []) {
      if (!mapMatches(rc.spec.selector, labels)) return undefined;
      counts.total += total;
      counts.ready += ready;
      counts.available += ready;
      if (isLabelled(rc, labels)) counts.labelled += total;
    }
    return counts;
  }

  #add(pod: Stored<Pod>, sign: 1 | -1): void {
    if (!isActive(pod)) return;
    const owner = controllerOf(pod)?.uid;
    if (owner === undefined) {
      this.#unowned += sign;
      return;
    }
    let groups = this.#owners.get(owner);
    if (!groups) this.#owners.set(owner, (groups = new Map()));
    const { labels } = pod.metadata;
    let group = groups.get(labels);
    if (!group) groups.set(labels, (group = { total: 0, ready: 0 }));
    group.total += sign;
    if (isReady(pod)) group.ready += sign;
    if (group.total === 0) groups.delete(labels);
    if (groups.size === 0) this.#owners.delete(owner);
  }
}

/** The same by looking at each of the pods. `now` in milliseconds. */
export function countPods(
  rc: Stored<ReplicationController>,
  pods: readonly Pod[],
  now: number,
): ReplicaCounts {
  const minReadySeconds = rc.spec.minReadySeconds ?? 0;
  const counts = { total: pods.length, labelled: 0, ready: 0, available: 0 };
  for (const pod of pods) {
    if (isLabelled(rc, pod.metadata.labels)) counts.labelled++;
    if (!isReady(pod)) continue;
    counts.ready++;
    if (isAvailable(pod, minReadySeconds, now)) counts.available++;
  }
  return counts;
}

function isLabelled(rc: Stored<ReplicationController>, labels: Labels | undefined): boolean {
  const wanted = rc.spec.template.metadata?.labels;
  for (const key in wanted) if (labels?.[key] !== wanted[key]) return false;
  return true;
}
