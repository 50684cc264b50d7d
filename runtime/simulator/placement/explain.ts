import { nodeRejecter, type Rejection } from "../../scheduler/framework.ts";
import type { Decision } from "../../scheduler/scheduler.ts";

/** Why a pod went where it went, or nowhere, as the cluster stood when that was decided. */
export interface Explanation {
  /** Nodes that a rule refused, by rule and reason; the rule that comes first counts. */
  readonly refused: readonly Refusal[];
  /** The nodes that took the pod, the best first, and of equals the one that was drawn. */
  readonly ranking: readonly Ranked[];
}

export interface Refusal {
  readonly plugin: string;
  readonly reasons: readonly string[];
  readonly nodes: readonly string[];
}

export interface Ranked {
  readonly node: string;
  /** The sum of all scores times their weights. */
  readonly total: number;
  readonly scores: readonly { readonly plugin: string; readonly weight: number; readonly score: number }[];
}

/** Asks every rule once more, plainly. Costs as many steps as there are nodes and pods. */
export function explain({ info, cluster, profile, node }: Decision): Explanation {
  const reject = nodeRejecter(profile, info, cluster);
  const refusals = new Map<string, { plugin: string; reasons: readonly string[]; nodes: string[] }>();
  const feasible = cluster.nodes.filter((each) => {
    const rejection: (Rejection & { readonly plugin: string }) | undefined = reject(each);
    if (!rejection) return true;
    const key = JSON.stringify([rejection.plugin, rejection.reasons]);
    const known = refusals.get(key);
    if (known) known.nodes.push(each.name);
    else refusals.set(key, { plugin: rejection.plugin, reasons: rejection.reasons, nodes: [each.name] });
    return false;
  });
  const columns = profile.scores.flatMap(({ plugin, weight }) => {
    const scores = plugin.score(info, feasible, cluster);
    return scores ? [{ plugin: plugin.name, weight, scores }] : [];
  });
  const ranking = feasible.map(({ name }, index): Ranked => {
    const scores = columns.map(({ plugin, weight, scores: all }) => ({ plugin, weight, score: all[index]! }));
    return { node: name, total: scores.reduce((sum, { weight, score }) => sum + weight * score, 0), scores };
  });
  const chosen = node?.name;
  ranking.sort((a, b) => b.total - a.total || Number(b.node === chosen) - Number(a.node === chosen));
  return { refused: [...refusals.values()], ranking };
}
