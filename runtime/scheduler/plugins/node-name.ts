import type { FilterPlugin } from "../framework.ts";

/** A pod that names its node stands there or nowhere. */
export const nodeName: FilterPlugin = {
  name: "NodeName",
  filter: ({ pod }) => {
    const wanted = pod.spec.nodeName;
    if (!wanted) return undefined;
    return ({ name }) =>
      wanted === name
        ? undefined
        : { reasons: ["node(s) didn't match the requested node name"], unresolvable: true };
  },
  index: { reads: "node", key: ({ pod }) => pod.spec.nodeName ?? "" },
};
