import { keyOf, parseTimestamp } from "../../../model/meta.ts";
import { allContainers } from "../../../model/placement.ts";
import type { Invariant } from "./invariant.ts";

const kill = 9;
/** Kubernetes' `terminationGracePeriodSeconds` where nothing says otherwise. */
const usual = 30;

/**
 * It is killed at its `deletionTimestamp` at the earliest. Left out is who may have been evicted before it was deleted, with
 * which its grace began: a pod one of whose containers was asked to end before, or who was still starting. Left out is as well
 * who may have used some of it (a hook), and who may have been killed for a probe, which has a grace of its own.
 */
export const grace: Invariant = {
  name: "a pod that is deleted has all of its grace",
  watch({ client, sandbox, askedToEnd, now }) {
    const started = new Map<string, number>();
    /** When nodes' objects were deleted last: with a node its pods are gone. */
    const gone = new Map<string, number>();
    return {
      change({ kind, previous, next }) {
        if (kind === "Node" && previous && !next) gone.set(previous.metadata.name, now());
        return undefined;
      },
      answer(event) {
        if (event.type === "containerStarted") started.set(placeOf(event), now());
        // What the kernel ends for want of memory has a reason.
        if (event.type !== "containerExited" || event.signal !== kill || event.reason) return undefined;
        const { metadata, spec } = sandbox(event.podUid)?.pod ?? {};
        const pod = metadata && client().get("Pod", metadata.namespace, metadata.name);
        const until = parseTimestamp(pod?.metadata.deletionTimestamp);
        if (!pod || until === undefined || now() >= until || pod.metadata.uid !== event.podUid)
          return undefined;
        const container = spec?.containers.find(({ name }) => name === event.container);
        if (!container || container.livenessProbe || container.startupProbe) return undefined;
        const all = allContainers(pod.spec);
        if (all.some(({ lifecycle }) => lifecycle?.preStop)) return undefined;
        const { deletionGracePeriodSeconds } = pod.metadata;
        const seconds = deletionGracePeriodSeconds ?? pod.spec.terminationGracePeriodSeconds ?? usual;
        const deleted = until - seconds * 1000;
        const asked = askedToEnd(event.podUid, event.container) ?? now();
        const began = started.get(placeOf(event));
        if ((gone.get(pod.spec.nodeName ?? "") ?? 0) >= deleted) return undefined;
        if (began !== undefined && began >= deleted) return undefined;
        // Who is asked late, for he waited for others, has what their grace has left.
        const first = Math.min(...all.map(({ name }) => askedToEnd(event.podUid, name) ?? asked));
        if (first < deleted) return undefined;
        const message = `container ${event.container} of pod ${pod.metadata.name} was killed after ${now() - asked} ms, of a grace of ${seconds} s`;
        return { message, objects: [keyOf(pod)] };
      },
    };
  },
};

const placeOf = ({ podUid, container }: { readonly podUid: string; readonly container: string }) =>
  `${podUid}/${container}`;
