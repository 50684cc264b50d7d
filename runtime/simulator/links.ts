import type { Clock } from "../../base/clock.ts";
import type { Links } from "../environment.ts";

/** Links that can be cut and mended. */
export interface SimulatedLinks extends Links {
  /** From now on the node's kubelet and the API do not reach each other. */
  cut(node: string): void;
  mend(node: string): void;
}

interface State {
  cut: boolean;
  /** When it came to be so, and what it was before that instant. */
  since: number;
  before: boolean;
}

/** The links between the nodes and the API, all of them open. A node need not be there to be cut off. */
export function createLinks(clock: Clock): SimulatedLinks {
  const states = new Map<string, State>();
  const handlers = new Set<(node: string) => void>();

  function set(node: string, cut: boolean): void {
    const state = states.get(node);
    if ((state?.cut ?? false) === cut) return;
    const now = clock.now();
    const before = state === undefined ? false : now > state.since ? state.cut : state.before;
    states.set(node, { cut, since: now, before });
    for (const handler of [...handlers]) handler(node);
  }

  return {
    cut: (node) => set(node, true),
    mend: (node) => set(node, false),
    isCut: (node) => states.get(node)?.cut ?? false,
    passes: (node) => {
      const state = states.get(node);
      return state === undefined || !(clock.now() > state.since ? state.cut : state.before);
    },
    onChange: (handler) => {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
  };
}
