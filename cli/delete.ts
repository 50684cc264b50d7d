import type { Stored } from "../model/meta.ts";
import { type ApiClient, connect, ServerError } from "./client.ts";
import { parseDuration } from "./duration.ts";
import { CommandError, exitCodes } from "./error.ts";
import { collectionPath, objectPath, parseTargets, type Target } from "./target.ts";
import { waitUntilGone } from "./wait-gone.ts";

export interface DeleteOptions {
  readonly cluster?: string;
  readonly namespace?: string;
  readonly selector?: string;
  readonly all?: boolean;
  readonly cascade?: string;
  readonly gracePeriod?: string;
  readonly now?: boolean;
  readonly force?: boolean;
  readonly ignoreNotFound?: boolean;
  readonly wait?: boolean;
  readonly timeout?: string;
}

const policies: Readonly<Record<string, string>> = {
  background: "Background",
  foreground: "Foreground",
  orphan: "Orphan",
};

/** `kdsl delete KIND NAME…`: deletes objects, and waits until they are gone. */
export async function deleteCommand(words: readonly string[], options: DeleteOptions): Promise<number> {
  const targets = parseTargets(words);
  checkScope(targets, options);
  const body = bodyOf(options);
  const timeout = parseDuration(options.timeout ?? "1h", "--timeout");
  const client = connect(options);
  const namespace = options.namespace ?? "default";
  const deleted: { target: Target; object: Stored }[] = [];
  let failed = false;
  for (const target of targets) {
    for (const object of await find(client, target, namespace, options, () => {
      failed = true;
    })) {
      try {
        await client.json(objectPath(target.info, namespace, object.metadata.name), {
          method: "DELETE",
          body,
        });
      } catch (error) {
        // Gone between the list and the deletion is gone, too.
        if (!(error instanceof ServerError && error.status.code === 404)) throw error;
      }
      console.log(`${target.info.singular} ${JSON.stringify(object.metadata.name)} deleted`);
      deleted.push({ target, object });
    }
  }
  if (deleted.length === 0 && !failed) console.error("nothing to delete");
  if (options.wait !== false && !options.force)
    for (const { target, object } of deleted)
      await waitUntilGone(client, target.info, namespace, object, timeout);
  return failed ? exitCodes.failure : exitCodes.success;
}

function checkScope(targets: readonly Target[], { selector, all }: DeleteOptions): void {
  const named = targets.some(({ name }) => name !== undefined);
  if (named && (selector || all))
    throw new CommandError("--selector and --all go with a kind alone, not with names", exitCodes.usage);
  if (!named && !selector && !all)
    throw new CommandError(
      `which ${targets.map(({ info }) => info.plural).join(", ")}?`,
      exitCodes.usage,
      "name them, or choose them with -l, or take --all",
    );
}

function bodyOf({ cascade = "background", gracePeriod, now, force }: DeleteOptions) {
  const propagationPolicy = Object.hasOwn(policies, cascade) ? policies[cascade] : undefined;
  if (!propagationPolicy)
    throw new CommandError(
      `--cascade ${cascade}: it is one of ${Object.keys(policies).join(", ")}`,
      exitCodes.usage,
    );
  if (gracePeriod !== undefined && !/^\d{1,6}$/.test(gracePeriod))
    throw new CommandError(`--grace-period ${gracePeriod} is not a number of seconds`, exitCodes.usage);
  const seconds = force ? 0 : now ? 1 : gracePeriod === undefined ? undefined : Number(gracePeriod);
  return {
    kind: "DeleteOptions",
    apiVersion: "v1",
    propagationPolicy,
    ...(seconds !== undefined && { gracePeriodSeconds: seconds }),
  };
}

async function find(
  client: ApiClient,
  { info, name }: Target,
  namespace: string,
  { selector, ignoreNotFound }: DeleteOptions,
  failed: () => void,
): Promise<readonly Stored[]> {
  if (name === undefined) {
    const { items } = await client.json<{ items: readonly Stored[] }>(collectionPath(info, namespace), {
      query: { labelSelector: selector },
    });
    return items;
  }
  try {
    return [await client.json<Stored>(objectPath(info, namespace, name))];
  } catch (error) {
    if (!(error instanceof ServerError && error.status.code === 404)) throw error;
    if (!ignoreNotFound) {
      console.error(`error: ${error.message}`);
      failed();
    }
    return [];
  }
}
