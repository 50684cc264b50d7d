import { killEach, mountNamespaceOf, variableOf } from "../processes.ts";
import { containerVariable } from "./variables.ts";

/** What tells a container's processes, wherever they have gone: the mark in their environment, or their namespace. */
export interface Traces {
  /** The mark itself, or what it begins with: a pod's uid for all containers of the pod; undefined: only by namespaces. */
  readonly mark: string | undefined;
  /** The mount namespaces that only this container and what ran in it have. */
  readonly mountNamespaces?: readonly (string | undefined)[];
}

/**
 * Kills what a container left behind outside its process group: daemons that made a session of their own, and cleared
 * or overwrote their environment. Looking through all processes costs some milliseconds, so everything asked for in
 * one turn of the event loop is done in one pass. Resolves when it is done.
 */
export function createSweeper(): (traces: Traces) => Promise<void> {
  let waiting: { traces: Traces; done: () => void }[] = [];
  const sweep = () => {
    const batch = waiting;
    waiting = [];
    const marks = batch.flatMap(({ traces }) => traces.mark ?? []);
    const namespaces = new Set(batch.flatMap(({ traces }) => traces.mountNamespaces ?? []));
    namespaces.delete(undefined);
    killEach((pid) => {
      const found = variableOf(pid, containerVariable);
      // The kernel gives the number of a namespace that is gone to the next one: who has a mark is known by that alone.
      if (found !== undefined) return marks.some((mark) => found === mark || found.startsWith(`${mark}/`));
      const namespace = namespaces.size > 0 ? mountNamespaceOf(pid) : undefined;
      return namespace !== undefined && namespaces.has(namespace);
    });
    for (const { done } of batch) done();
  };
  return (traces) =>
    new Promise((done) => {
      if (waiting.length === 0) setImmediate(sweep);
      waiting.push({ traces, done });
    });
}
