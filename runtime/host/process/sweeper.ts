import { killByVariable } from "../processes.ts";
import { containerVariable } from "./variables.ts";

/**
 * Kills what a container left behind outside its process group (daemons that made a session of their own), known by
 * the mark in its environment. Looking through all processes costs some milliseconds, so everything asked for in one
 * turn of the event loop is done in one pass. Resolves when it is done.
 */
export function createSweeper(): (markPrefix: string) => Promise<void> {
  let waiting: { prefix: string; done: () => void }[] = [];
  const sweep = () => {
    const batch = waiting;
    waiting = [];
    const prefixes = batch.map(({ prefix }) => prefix);
    killByVariable(containerVariable, (mark) =>
      prefixes.some((prefix) => mark === prefix || mark.startsWith(`${prefix}/`)),
    );
    for (const { done } of batch) done();
  };
  return (prefix) =>
    new Promise((done) => {
      if (waiting.length === 0) setImmediate(sweep);
      waiting.push({ prefix, done });
    });
}
