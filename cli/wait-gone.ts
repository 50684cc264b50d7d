import type { KindInfo, Stored } from "../model/meta.ts";
import type { ApiClient } from "./client.ts";
import { CommandError } from "./error.ts";
import { watchUntil } from "./watch-until.ts";

/** Fulfilled when an object is gone, or another has taken its name. Throws `CommandError` after `timeout` milliseconds. */
export async function waitUntilGone(
  client: ApiClient,
  info: KindInfo,
  namespace: string,
  object: Stored,
  timeout: number,
): Promise<void> {
  const { name, uid } = object.metadata;
  const gone = await watchUntil(client, {
    info,
    namespace,
    query: { fieldSelector: `metadata.name=${name}` },
    timeout,
    until: (objects) => objects.every((each) => each.metadata.uid !== uid),
  });
  if (!gone) throw new CommandError(`${info.singular}/${name} is still there after ${timeout / 1000} s`);
}
