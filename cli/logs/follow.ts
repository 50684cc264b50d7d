import type { Pod } from "../../model/core.ts";
import { kinds, type Stored } from "../../model/meta.ts";
import { isTerminal } from "../../model/pod.ts";
import type { ApiClient } from "../client.ts";
import { CommandError, exitCodes } from "../error.ts";
import type { Selection } from "../selection.ts";
import { collectionPath } from "../target.ts";
import { instancesOf, type LogFlags, readInstance } from "./instances.ts";
import type { LogPrinter } from "./printer.ts";

export interface FollowOptions {
  readonly client: ApiClient;
  readonly namespace: string;
  readonly selections: readonly Selection[];
  readonly flags: LogFlags;
  readonly printer: LogPrinter;
  /** One pod alone is followed: then its end is the end. */
  readonly single: boolean;
}

interface PodEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: Stored<Pod>;
}

/**
 * Prints what is written from now on, also by pods and containers that start later, until it is interrupted, the
 * cluster ends, or the only pod that is followed has ended.
 */
export async function followLogs(options: FollowOptions): Promise<number> {
  const controller = new AbortController();
  const readers = new Map<string, Promise<void>>();
  const started = (pod: Stored<Pod>) => {
    for (const instance of instancesOf(pod, options.flags)) {
      if (readers.has(instance.id)) continue;
      options.printer.expect(instance);
      const read = async () => {
        const lines = readInstance(options.client, instance, options.flags, {
          follow: true,
          signal: controller.signal,
        });
        for await (const line of lines) options.printer.print(instance, line, options.flags.timestamps);
      };
      // A container that has just gone is no reason to leave the others.
      readers.set(
        instance.id,
        read().catch(() => {}),
      );
    }
  };
  try {
    await Promise.race(
      options.selections.map((each) => watchPods(options, each, controller.signal, started)),
    );
    await Promise.all(readers.values());
    return exitCodes.success;
  } finally {
    controller.abort();
  }
}

/** Calls `started` for each change of a selection's pods; ends where there will be no more. */
async function watchPods(
  { client, namespace, single }: FollowOptions,
  { labelSelector, fieldSelector, owns }: Selection,
  signal: AbortSignal,
  started: (pod: Stored<Pod>) => void,
): Promise<void> {
  let revision: string | undefined;
  for (;;) {
    const lines = client.lines(collectionPath(kinds.Pod, namespace), {
      query: {
        watch: true,
        labelSelector,
        fieldSelector,
        resourceVersion: revision,
        allowWatchBookmarks: true,
      },
      signal,
    });
    for await (const line of lines) {
      const { type, object } = JSON.parse(line) as PodEvent;
      if (type === "ERROR") throw new CommandError("the watch was lost; follow the logs anew");
      revision = object.metadata.resourceVersion;
      if (type === "BOOKMARK" || !owns(object)) continue;
      if (type !== "DELETED") started(object);
      if (single && (type === "DELETED" || isTerminal(object))) return;
    }
  }
}
