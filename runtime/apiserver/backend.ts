import type { Registry } from "../registry/registry.ts";

/** What the API server needs of the cluster beyond what a loop sees: the registry, without what only loops do. */
export type ApiBackend = Omit<Registry, "event" | "delete" | "since">;

/** Reads what containers wrote, line by line or in larger pieces, each ending with a line end. */
export type LogReader = (request: LogRequest) => AsyncIterable<string>;

export interface LogRequest {
  readonly podUid: string;
  readonly container: string;
  /** The instance before the last one; else the last. */
  readonly previous: boolean;
  /** Goes on with what is written later, until the container has ended. */
  readonly follow: boolean;
  /** Only so many of the last lines. */
  readonly tailLines?: number;
  /** Only lines written at or after this instant; milliseconds since the epoch. */
  readonly sinceTime?: number;
  /** Lines begin with the instant at which they were written. */
  readonly timestamps: boolean;
  /** Ends the reading early: the client has gone. */
  readonly signal: AbortSignal;
}
