import type { Pod } from "../../../model/core.ts";
import { keyOf } from "../../../model/meta.ts";
import type { Invariant } from "./invariant.ts";

export const boundOnce: Invariant = {
  name: "a pod is bound to one node, once",
  watch: () => ({
    change({ kind, previous, next }) {
      if (kind !== "Pod" || !previous || !next || previous.metadata.uid !== next.metadata.uid)
        return undefined;
      const before = (previous as unknown as Pod).spec.nodeName;
      const after = (next as unknown as Pod).spec.nodeName;
      if (!before || before === after) return undefined;
      const message = `pod ${next.metadata.name} was on node ${before} and is on ${after ?? "none"} now`;
      return { message, objects: [keyOf(next)] };
    },
  }),
};
