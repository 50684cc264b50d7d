import { setImmediate } from "node:timers/promises";

/** The first signal that asks for an end: what is known by then is told. A second one ends the program as ever. */
export interface Interruption {
  readonly signal: NodeJS.Signals | undefined;
  /** Lets a signal come in, now and then. */
  listen(): Promise<void>;
  stop(): void;
}

/** Milliseconds. */
const between = 50;

export function awaitInterruption(): Interruption {
  let signal: NodeJS.Signals | undefined;
  let listened = performance.now();
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const hear = (heard: NodeJS.Signals) => {
    signal = heard;
    stop();
  };
  const stop = () => {
    for (const each of signals) process.off(each, hear);
  };
  for (const each of signals) process.on(each, hear);
  return {
    get signal() {
      return signal;
    },
    async listen() {
      if (performance.now() - listened < between) return;
      await setImmediate();
      listened = performance.now();
    },
    stop,
  };
}
