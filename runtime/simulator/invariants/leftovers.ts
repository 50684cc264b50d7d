import { keyOf } from "../../../model/meta.ts";
import type { Invariant } from "./invariant.ts";

/** Once all is quiet nothing runs of which the API does not know, and of each container there is one. */
export const leftovers: Invariant = {
  name: "nothing runs that the cluster does not know of",
  watch: ({ client, sandboxes, lost }) => ({
    settled() {
      const known = new Set(client.list("Pod").map(({ metadata }) => metadata.uid));
      const left = sandboxes().find(({ podUid, nodeName }) => !known.has(podUid) && !lost.has(nodeName));
      if (!left) return undefined;
      const { name } = left.pod.metadata;
      return {
        message: `pod ${name} still runs on node ${left.nodeName}, though it is gone from the API`,
        objects: [keyOf(left.pod)],
      };
    },
  }),
};
