import type { Endpoints, Pod, ReplicationController } from "../model/core.ts";
import { controllerOf, type KindInfo, kinds, ROLLOUT_ANNOTATION, type Stored } from "../model/meta.ts";
import { displayStatus, isReady, isTerminal } from "../model/pod.ts";
import { type ApiClient, connect, ServerError } from "./client.ts";
import { parseDuration } from "./duration.ts";
import { CommandError, exitCodes } from "./error.ts";
import { collectionPath, nameOf, objectPath, parseTargets, type Target } from "./target.ts";
import { waitUntilGone } from "./wait-gone.ts";
import { watchUntil } from "./watch-until.ts";

export interface WaitOptions {
  readonly cluster?: string;
  readonly namespace?: string;
  readonly for?: string;
  readonly timeout?: string;
}

/** How a kind says that it is ready. */
interface Readiness {
  /** What is looked at: the object itself, or for a service its endpoints. */
  readonly look: KindInfo;
  /** "" when it is ready, else what is missing. */
  readonly missing: (object: Stored) => string;
}

const readiness: Readonly<Record<string, Readiness>> = {
  Pod: { look: kinds.Pod, missing: (object) => podMissing(object as unknown as Stored<Pod>) },
  ReplicationController: {
    look: kinds.ReplicationController,
    missing: (object) => rcMissing(object as unknown as Stored<ReplicationController>),
  },
  Service: {
    look: kinds.Endpoints,
    missing: (object) =>
      ((object as unknown as Endpoints).subsets ?? []).some(({ addresses }) => addresses?.length)
        ? ""
        : "no endpoints",
  },
};

function podMissing(pod: Stored<Pod>): string {
  return isReady(pod) || pod.status?.phase === "Succeeded" ? "" : displayStatus(pod);
}

function rcMissing({ metadata, spec, status }: Stored<ReplicationController>): string {
  const wanted = spec.replicas ?? 1;
  const current = status?.observedGeneration === metadata.generation;
  const rolling = metadata.annotations?.[ROLLOUT_ANNOTATION] !== undefined;
  if (current && !rolling && (status?.readyReplicas ?? 0) === wanted && (status?.replicas ?? 0) === wanted)
    return "";
  return `${status?.readyReplicas ?? 0} of ${wanted} ready${rolling ? ", rolling out" : ""}`;
}

/** `kdsl wait [TARGET…] --for ready|deleted`: waits for objects; without a target for every rc, service and pod of its own. */
export async function wait(words: readonly string[], options: WaitOptions): Promise<number> {
  const what = options.for ?? "ready";
  if (what !== "ready" && what !== "deleted")
    throw new CommandError(`--for ${what}: it is ready or deleted`, exitCodes.usage);
  const timeout = parseDuration(options.timeout ?? "60s", "--timeout");
  const named = words.length === 0 ? [] : parseTargets(words);
  if (what === "deleted" && named.length === 0)
    throw new CommandError("say what is to be deleted: kdsl wait pod/web-1 --for deleted", exitCodes.usage);
  const client = connect(options);
  const namespace = options.namespace ?? "default";
  const deadline = Date.now() + timeout;
  const left = () => Math.max(1, deadline - Date.now());
  const targets = await expand(client, named, namespace, what === "deleted");
  // One after the other: the last that is waited for is the last that comes.
  for (const { info, object } of targets) {
    if (what === "deleted") await waitUntilGone(client, info, namespace, object, left());
    else await waitUntilReady(client, info, namespace, object.metadata.name, left());
    console.log(`${nameOf(info, object.metadata.name)} ${what}`);
  }
  return exitCodes.success;
}

async function expand(
  client: ApiClient,
  named: readonly Target[],
  namespace: string,
  deleted: boolean,
): Promise<readonly { info: KindInfo; object: Stored }[]> {
  const all: readonly Target[] = [
    { info: kinds.ReplicationController },
    { info: kinds.Service },
    { info: kinds.Pod },
  ];
  const found: { info: KindInfo; object: Stored }[] = [];
  for (const { info, name } of named.length > 0 ? named : all) {
    if (!deleted && !Object.hasOwn(readiness, info.kind))
      throw new CommandError(
        `a ${info.singular} is never ready: wait for pods, rcs or services`,
        exitCodes.usage,
      );
    if (name !== undefined) {
      try {
        found.push({ info, object: await client.json<Stored>(objectPath(info, namespace, name)) });
      } catch (error) {
        // What was never there is as good as gone.
        if (!(deleted && error instanceof ServerError && error.status.code === 404)) throw error;
        console.log(`${nameOf(info, name)} deleted`);
      }
      continue;
    }
    const { items } = await client.json<{ items: readonly Stored[] }>(collectionPath(info, namespace));
    for (const object of items)
      if (named.length > 0 || isOwnMaster(info, object)) found.push({ info, object });
  }
  return found;
}

/** Whether nothing else speaks for it: pods of an rc come and go, and a service without a selector has no pods. */
function isOwnMaster(info: KindInfo, object: Stored): boolean {
  if (info.kind === "Pod") return controllerOf(object) === undefined && !isTerminal(object as unknown as Pod);
  if (info.kind !== "Service") return true;
  const { selector } = (object as unknown as { spec: { selector?: object } }).spec;
  return Object.keys(selector ?? {}).length > 0;
}

async function waitUntilReady(
  client: ApiClient,
  info: KindInfo,
  namespace: string,
  name: string,
  timeout: number,
): Promise<void> {
  const { look, missing } = readiness[info.kind]!;
  let last = "it is not there";
  const ready = await watchUntil(client, {
    info: look,
    namespace,
    query: { fieldSelector: `metadata.name=${name}` },
    timeout,
    until: ([object]) => {
      last = object ? missing(object) : "it is not there";
      return last === "";
    },
  });
  if (!ready)
    throw new CommandError(
      `${nameOf(info, name)} is not ready in time: ${last}`,
      exitCodes.failure,
      `kdsl describe ${info.singular} ${name} tells why`,
    );
}
