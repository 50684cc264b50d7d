import { ApiError } from "../client/client.ts";
import type { Environment } from "../environment.ts";

/** What a controller may know of the world. */
export type ControllerEnvironment = Pick<Environment, "clock" | "random" | "heartbeats" | "lostNodes"> & {
  /** A decision that threw: a defect, or something refused that will be tried again. */
  readonly onError?: (loop: string, key: string, error: unknown) => void;
};

/** A running controller. It keeps nothing that it could not find again: stopped and started anew it goes on. */
export interface Controller {
  readonly name: string;
  stop(): void;
}

/** `namespace/name`, as work queues carry keys. */
export function splitKey(key: string): readonly [namespace: string, name: string] {
  const slash = key.indexOf("/");
  return [key.slice(0, slash), key.slice(slash + 1)];
}

export function queueKey(object: {
  readonly metadata: { readonly namespace?: string; readonly name: string };
}): string {
  return `${object.metadata.namespace}/${object.metadata.name}`;
}

/** Writes to or deletes what may be gone already, where the watch that would say so lags: that needs nothing more. */
export function ifThere(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof ApiError && error.reason === "NotFound")) throw error;
  }
}

/** Stops several things at once. */
export function stopAll(stops: readonly (() => void)[]): void {
  for (const stop of stops) stop();
}
