import type { EndpointAddress, Endpoints, Pod, Service } from "../../../model/core.ts";
import { keyOf, type Stored } from "../../../model/meta.ts";
import { isActive, isReady, isTerminal } from "../../../model/pod.ts";
import { mapMatches } from "../../../model/selector.ts";
import type { Client } from "../../client/client.ts";
import type { Invariant, Violation } from "./invariant.ts";

/** Of more addresses than these only the new ones are looked at as they are written. */
const few = 100;

export const endpoints: Invariant = {
  name: "a service's endpoints are its ready pods",
  watch: ({ client, behind }) => ({
    change({ kind, previous, next }) {
      if (kind !== "Endpoints" || !next || behind("endpoints")) return undefined;
      return foreign(client(), previous as Stored<Endpoints> | undefined, next as Stored<Endpoints>);
    },
    settled() {
      for (const service of client().list("Service")) {
        const selector = Object.entries(service.spec.selector ?? {});
        if (selector.length === 0) continue;
        const { namespace, name } = service.metadata;
        const expected = client()
          .list("Pod")
          .filter((pod) => pod.metadata.namespace === namespace && isActive(pod) && isReady(pod))
          .filter(({ metadata }) => selector.every(([key, value]) => metadata.labels?.[key] === value))
          .map(({ status }) => status?.podIP ?? "")
          .sort();
        const subsets = client().get("Endpoints", namespace, name)?.subsets ?? [];
        const actual = [
          ...new Set(subsets.flatMap(({ addresses = [] }) => addresses.map(({ ip }) => ip))),
        ].sort();
        if (expected.join() === actual.join()) continue;
        const message = `service ${name} sends to ${actual.join(", ") || "nobody"}; its ready pods are at ${expected.join(", ") || "no address"}`;
        return { message, objects: [keyOf(service)] };
      }
      return undefined;
    },
  }),
};

/** Who is among endpoints that are being written and does not belong there; what is missing may come with the next write. */
function foreign(
  client: Client,
  before: Stored<Endpoints> | undefined,
  after: Stored<Endpoints>,
): Violation | undefined {
  const { namespace, name } = after.metadata;
  const service = client.get("Service", namespace, name);
  if (!service?.spec.selector) return undefined;
  const addresses = addressesOf(after);
  const known = addresses.length > few ? new Set(addressesOf(before)) : undefined;
  for (let index = 0; index < addresses.length; index++) {
    const address = addresses[index]!;
    const { targetRef, ip } = address;
    if (!targetRef || known?.has(address)) continue;
    const pod = client.get("Pod", namespace, targetRef.name);
    const why = pod ? whyNot(service, pod, targetRef.uid) : "is gone";
    if (why === undefined) continue;
    const message = `service ${name} sends to ${ip} of pod ${targetRef.name}, which ${why}`;
    return { message, objects: [keyOf(service), `Pod/${namespace}/${targetRef.name}`] };
  }
  return undefined;
}

/** All that are ready. The list itself where there is one, as there mostly is: a service may have a thousand. */
function addressesOf(endpoints: Endpoints | undefined): readonly EndpointAddress[] {
  let all: readonly EndpointAddress[] | undefined;
  for (const { addresses } of endpoints?.subsets ?? [])
    if (addresses) all = all === undefined ? addresses : [...all, ...addresses];
  return all ?? [];
}

function whyNot({ spec }: Service, pod: Stored<Pod>, uid: string | undefined): string | undefined {
  if (pod.metadata.uid !== uid) return "is another one now";
  if (!mapMatches(spec.selector, pod.metadata.labels)) return "it does not select";
  if (isTerminal(pod)) return "has ended";
  if (spec.publishNotReadyAddresses) return undefined;
  if (pod.metadata.deletionTimestamp !== undefined) return "is being deleted";
  return isReady(pod) ? undefined : "is not ready";
}
