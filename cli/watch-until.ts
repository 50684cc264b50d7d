import type { KindInfo, Stored } from "../model/meta.ts";
import type { ApiClient } from "./client.ts";
import { CommandError } from "./error.ts";
import { collectionPath } from "./target.ts";

export interface WatchUntilOptions {
  readonly info: KindInfo;
  readonly namespace: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** Milliseconds. */
  readonly timeout: number;
  /** Asked for the objects as they are, and again after each change. */
  readonly until: (objects: readonly Stored[]) => boolean;
}

interface ObjectEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK" | "ERROR";
  readonly object: Stored;
}

/** Lists and then watches objects until they are as wanted; false where the time has run out before. */
export async function watchUntil(client: ApiClient, options: WatchUntilOptions): Promise<boolean> {
  const { info, namespace, query, timeout, until } = options;
  const path = collectionPath(info, namespace);
  const list = await client.json<{ metadata: { resourceVersion: string }; items: readonly Stored[] }>(path, {
    query,
  });
  const objects = new Map(list.items.map((object) => [object.metadata.uid, object]));
  if (until([...objects.values()])) return true;
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), Math.min(timeout, 2 ** 31 - 1));
  try {
    const lines = client.lines(path, {
      query: { ...query, watch: true, resourceVersion: list.metadata.resourceVersion },
      signal: controller.signal,
    });
    for await (const line of lines) {
      const { type, object } = JSON.parse(line) as ObjectEvent;
      if (type === "ERROR") throw new CommandError("the watch was lost");
      if (type === "DELETED") objects.delete(object.metadata.uid);
      else if (type !== "BOOKMARK") objects.set(object.metadata.uid, object);
      if (until([...objects.values()])) return true;
    }
    if (controller.signal.aborted) return false;
    throw new CommandError("the cluster has ended");
  } finally {
    clearTimeout(timer);
    controller.abort();
  }
}
