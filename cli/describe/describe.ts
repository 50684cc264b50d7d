import type { Endpoints, Event, Lease, Node, Pod, ReplicationController, Service } from "../../model/core.ts";
import { controllerOf, type KubernetesObject, kinds, type Stored } from "../../model/meta.ts";
import { formatLabels } from "../../model/selector.ts";
import { type ApiClient, connect, ServerError } from "../client.ts";
import { exitCodes } from "../error.ts";
import { collectionPath, objectPath, parseTargets, type Target } from "../target.ts";
import { describeGeneric } from "./generic.ts";
import { describeNode } from "./node.ts";
import { describePod } from "./pod.ts";
import { describeReplicationController } from "./replication-controller.ts";
import { describeService } from "./service.ts";
import { createWriter } from "./writer.ts";

export interface DescribeOptions {
  readonly cluster?: string;
  readonly namespace?: string;
  readonly selector?: string;
}

/** `kdsl describe KIND [NAME…]`: all that there is to say about objects, as kubectl says it. */
export async function describe(words: readonly string[], options: DescribeOptions): Promise<number> {
  const targets = parseTargets(words);
  const client = connect(options);
  const namespace = options.namespace ?? "default";
  let count = 0;
  let failed = false;
  for (const target of targets) {
    try {
      for (const object of await find(client, target, namespace, options.selector)) {
        if (count++ > 0) process.stdout.write("\n\n");
        process.stdout.write(await describeObject(client, object, Date.now()));
      }
    } catch (error) {
      if (!(error instanceof ServerError && target.name !== undefined)) throw error;
      console.error(`error: ${error.message}`);
      failed = true;
    }
  }
  if (count === 0 && !failed) console.error(`No resources found in ${namespace} namespace.`);
  return failed ? exitCodes.failure : exitCodes.success;
}

async function find(
  client: ApiClient,
  { info, name }: Target,
  namespace: string,
  selector: string | undefined,
): Promise<readonly Stored[]> {
  if (name !== undefined) return [await client.json<Stored>(objectPath(info, namespace, name))];
  return items(client, collectionPath(info, namespace), { labelSelector: selector });
}

async function items<T extends KubernetesObject>(
  client: ApiClient,
  path: string,
  query: Readonly<Record<string, string | undefined>>,
): Promise<readonly Stored<T>[]> {
  const { items } = await client.json<{ items: readonly Stored<T>[] }>(path, { query });
  return items;
}

/** The object that a path names; undefined where there is none. */
async function optional<T>(client: ApiClient, path: string): Promise<T | undefined> {
  try {
    return await client.json<T>(path);
  } catch (error) {
    if (error instanceof ServerError && error.status.code === 404) return undefined;
    throw error;
  }
}

/** An object's description; `now` in milliseconds since the epoch. */
export async function describeObject(client: ApiClient, object: Stored, now: number): Promise<string> {
  const writer = createWriter();
  const { name, namespace } = object.metadata;
  const events = await eventsOf(client, object);
  switch (object.kind) {
    case "Node": {
      const path = objectPath(kinds.Lease, "kube-node-lease", name);
      const lease = await optional<Lease>(client, path);
      const fieldSelector = `spec.nodeName=${name},status.phase!=Succeeded,status.phase!=Failed`;
      const pods = await items<Pod>(client, collectionPath(kinds.Pod), { fieldSelector });
      const node = object as unknown as Stored<Node>;
      describeNode(writer, { node, pods, events, ...(lease && { lease }) }, now);
      break;
    }
    case "Pod":
      describePod(writer, { pod: object as unknown as Stored<Pod>, events }, now);
      break;
    case "Service": {
      const endpoints = await optional<Endpoints>(client, objectPath(kinds.Endpoints, namespace!, name));
      const service = object as unknown as Stored<Service>;
      describeService(writer, { service, events, ...(endpoints && { endpoints }) }, now);
      break;
    }
    case "ReplicationController": {
      const rc = object as unknown as Stored<ReplicationController>;
      const labelSelector = rc.spec.selector ? formatLabels(rc.spec.selector) : undefined;
      const found = await items<Pod>(client, collectionPath(kinds.Pod, namespace), { labelSelector });
      const pods = found.filter((pod) => controllerOf(pod)?.uid === rc.metadata.uid);
      describeReplicationController(writer, { rc, pods, events }, now);
      break;
    }
    default:
      describeGeneric(writer, object, events, now);
  }
  return writer.text();
}

/** The kubelet knows a node's name before its uid, and tells of it by either (kubectl asks for both). */
async function eventsOf(client: ApiClient, { kind, metadata }: Stored): Promise<readonly Event[]> {
  const terms = [
    `involvedObject.kind=${kind}`,
    `involvedObject.name=${metadata.name}`,
    ...(metadata.namespace ? [`involvedObject.namespace=${metadata.namespace}`] : []),
  ];
  const path = collectionPath(kinds.Event, metadata.namespace);
  const all = await items<Event>(client, path, { fieldSelector: terms.join(",") });
  const uids = [metadata.uid, kind === "Node" ? metadata.name : metadata.uid];
  return all.filter(({ involvedObject }) => uids.includes(involvedObject.uid ?? metadata.uid));
}
