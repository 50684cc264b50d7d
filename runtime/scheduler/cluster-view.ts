import type { Pod } from "../../model/core.ts";
import type { Labels } from "../../model/meta.ts";
import type { ClusterView } from "./framework.ts";
import { SpreadSelectors } from "./index/spread-selectors.ts";
import type { Snapshot } from "./snapshot.ts";

/** A snapshot as rules look at it; `find` gives the labels of a pod's services and rc. */
export function createView(
  snapshot: Snapshot,
  find: (pod: Pod) => Labels,
): { readonly view: ClusterView; readonly selectors: SpreadSelectors } {
  const selectors = new SpreadSelectors(find);
  const view: ClusterView = {
    get nodes() {
      return snapshot.nodes();
    },
    spreadSelector: (pod) => selectors.of(pod, snapshot.census.groupOf(pod, false)),
    namespaceLabels: snapshot.census.namespaceLabels,
  };
  return { view, selectors };
}
