import type { Container, Pod } from "../../../model/core.ts";
import { keyOf, type Stored } from "../../../model/meta.ts";
import { isReady } from "../../../model/pod.ts";
import type { Invariant, Run, Violation } from "./invariant.ts";

/** How late an answer may be heard, in milliseconds. */
const lateness = 5_000;

/**
 * By what probes truly find: a pod that has become ready has been well since its containers were started, and one that still is
 * has not been ill for so long that it must have been found out, many times over, since some answers are lost.
 */
export const readiness: Invariant = {
  name: "a pod whose readiness probe fails is not ready",
  watch: (run) => ({
    change({ kind, previous, next }) {
      if (kind !== "Pod" || !previous || !next || previous.metadata.uid !== next.metadata.uid)
        return undefined;
      const [before, after] = [previous as Stored<Pod>, next as Stored<Pod>];
      if (before.status === after.status || !isReady(after)) return undefined;
      return unready(run, after, isReady(before) ? 4 : 0);
    },
    settled() {
      for (const pod of run.client().list("Pod")) {
        const violation = isReady(pod) ? unready(run, pod, 1) : undefined;
        if (violation) return violation;
      }
      return undefined;
    },
  }),
};

/** `patience`: how many times over what finds a failure out must have passed; 0: only who was never well counts. */
function unready(run: Run, pod: Stored<Pod>, patience: number): Violation | undefined {
  const { containers, nodeName = "" } = pod.spec;
  for (const container of containers) {
    if (!container.readinessProbe) continue;
    const failing = run.failing(pod.metadata.uid, container.name);
    if (!failing || run.lostNodes.has(nodeName)) continue;
    // Nothing can have said that one is well who never was.
    const awaited = patience === 0 && failing.always ? -1 : foundOut(container) * Math.max(1, patience);
    // What has been cut off, or begun, since then says what it knew.
    const known = Math.max(
      failing.since,
      run.kubeletSince(nodeName),
      run.nodeAbsence(nodeName)?.until ?? failing.since,
    );
    if (run.now() - known <= awaited) continue;
    const message = `pod ${pod.metadata.name} is ready, though the readiness probe of container ${container.name} has failed for ${run.now() - failing.since} ms`;
    return { message, objects: [keyOf(pod)] };
  }
  return undefined;
}

/** By when a failure is found out at the latest where no answer is lost, in milliseconds. */
function foundOut({ readinessProbe }: Container): number {
  const { failureThreshold = 3, periodSeconds = 10, timeoutSeconds = 1 } = readinessProbe ?? {};
  return (failureThreshold + 1) * (periodSeconds + timeoutSeconds) * 1000 + lateness;
}
