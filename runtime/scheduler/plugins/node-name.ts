import type { FilterPlugin } from "../framework.ts";

/** A pod that names its node stands there or nowhere. */
export const nodeName: FilterPlugin = {
  name: "NodeName",
  filter({ pod }, { name }) {
    if (!pod.spec.nodeName || pod.spec.nodeName === name) return undefined;
    return { reasons: ["node(s) didn't match the requested node name"], unresolvable: true };
  },
};
