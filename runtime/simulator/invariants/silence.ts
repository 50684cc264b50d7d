import type { Node } from "../../../model/core.ts";
import { keyOf, type Stored } from "../../../model/meta.ts";
import { condition } from "../../../model/pod.ts";
import type { Invariant, Run, Violation } from "./invariant.ts";

/** Kubernetes' grace of a silent node, in milliseconds, and what may be added to it or taken from it by when beats come and looks are taken. */
const grace = 50_000;
const beat = 10_000;
const slack = 10_000;
/** How often lost nodes are looked at. */
const period = 1_000;

/** Left out are nodes whose watcher was started, or has seen nobody, or saw an old cluster, so lately that it gives them their grace anew. */
export const silence: Invariant = {
  name: "a node that is silent is called so in time, and no other",
  watch(run) {
    let looked = Number.NEGATIVE_INFINITY;
    /** When no node was ready last. */
    let dark = Number.NEGATIVE_INFINITY;
    let isDark = false;
    return {
      change({ kind, previous, next }) {
        if (kind === "Node") {
          if (isDark) dark = run.now();
          isDark = run
            .client()
            .list("Node")
            .every((node) => readyOf(node) !== "True");
          if (previous && next && readyOf(previous as Stored<Node>) === "True") {
            const early = tooEarly(run, next as Stored<Node>);
            if (early) return early;
          }
        }
        if (run.lostNodes.size === 0 || run.now() < looked + period) return undefined;
        looked = run.now();
        return isDark ? undefined : tooLate(run, dark);
      },
    };
  },
};

const readyOf = ({ status }: Node) => condition(status?.conditions, "Ready")?.status;

function tooEarly(run: Run, node: Stored<Node>): Violation | undefined {
  const { name } = node.metadata;
  if (readyOf(node) !== "Unknown" || run.behind("nodeLifecycle")) return undefined;
  const { since, until = run.now() } = run.nodeAbsence(name) ?? { since: run.now(), until: undefined };
  const silent = run.now() - since;
  if (silent >= grace - beat && run.now() - until <= beat + slack) return undefined;
  const message = `node ${name} is called silent ${silent > 0 ? `after ${silent} ms` : "and is not"}`;
  return { message, objects: [keyOf(node)] };
}

function tooLate(run: Run, dark: number): Violation | undefined {
  const absence = run.loopAbsence("nodeLifecycle");
  const watched = Math.max(dark, run.clusterSince(), absence ? (absence.until ?? run.now()) : dark);
  if (run.behind("nodeLifecycle")) return undefined;
  for (const name of run.lostNodes) {
    const node = run.client().get("Node", undefined, name);
    const since = Math.max(watched, run.nodeAbsence(name)?.since ?? run.now());
    if (!node || readyOf(node) !== "True" || run.now() - since <= grace + slack) continue;
    const message = `node ${name} has been silent for ${run.now() - since} ms and is still called ready`;
    return { message, objects: [keyOf(node)] };
  }
  return undefined;
}
