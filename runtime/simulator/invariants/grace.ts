import { keyOf, parseTimestamp } from "../../../model/meta.ts";
import type { Invariant } from "./invariant.ts";

const kill = 9;

/**
 * A pod that is being deleted has until its `deletionTimestamp`. One that has a liveness or a startup probe may have been
 * killed for that, which has a grace of its own.
 */
export const grace: Invariant = {
  name: "a pod that is deleted has all of its grace",
  watch: ({ client, sandbox, now }) => ({
    answer(event) {
      // What the kernel ends for want of memory has a reason.
      if (event.type !== "containerExited" || event.signal !== kill || event.reason) return undefined;
      const { metadata, spec } = sandbox(event.podUid)?.pod ?? {};
      const pod = metadata && client().get("Pod", metadata.namespace, metadata.name);
      if (!pod || !spec || pod.metadata.uid !== event.podUid) return undefined;
      const until = parseTimestamp(pod.metadata.deletionTimestamp);
      const all = [...spec.containers, ...(spec.initContainers ?? [])];
      const container = all.find(({ name }) => name === event.container);
      const probed = container?.livenessProbe ?? container?.startupProbe;
      if (until === undefined || probed || now() >= until) return undefined;
      const message = `container ${event.container} of pod ${pod.metadata.name} was killed ${until - now()} ms before its grace was over`;
      return { message, objects: [keyOf(pod)] };
    },
  }),
};
