import type { PodSpec } from "../../model/core.ts";
import { type HostPort, hostPorts } from "../../model/placement.ts";
import { podRequests } from "../../model/pod.ts";
import { resourceAmount } from "../../model/quantity.ts";

/** What a pod asks of a node, summed up once. Amounts as `resourceAmount` counts them. */
export interface Demand {
  readonly requests: Readonly<Record<string, number>>;
  /** The same requests once more: the two that nearly all have, 0 where absent, and the others. */
  readonly cpu: number;
  readonly memory: number;
  readonly others: readonly (readonly [resource: string, amount: number])[];
  /** For scoring only: containers that request nothing count as 100m and 200 MiB (Kubernetes' `GetNonzeroRequests`). */
  readonly scoredCpu: number;
  readonly scoredMemory: number;
  readonly ports: readonly HostPort[];
}

const defaultMilliCpu = 100;
const defaultMemory = 200 * 1024 * 1024;

/** Pods of one template share the parts of their specs, so each shape is summed up once. */
const demands = new WeakMap<PodSpec["containers"], { readonly of: PodSpec; readonly demand: Demand }>();

export function demandOf(spec: PodSpec): Demand {
  const known = demands.get(spec.containers);
  if (
    known &&
    known.of.initContainers === spec.initContainers &&
    known.of.hostNetwork === spec.hostNetwork &&
    known.of.overhead === spec.overhead
  )
    return known.demand;
  const requests = podRequests(spec);
  const { cpu = 0, memory = 0, ...others } = requests;
  const demand: Demand = {
    requests,
    cpu,
    memory,
    others: Object.entries(others),
    scoredCpu: scored(spec, "cpu", defaultMilliCpu),
    scoredMemory: scored(spec, "memory", defaultMemory),
    ports: hostPorts(spec),
  };
  demands.set(spec.containers, { of: spec, demand });
  return demand;
}

function scored(spec: PodSpec, resource: string, absent: number): number {
  const of = (container: PodSpec["containers"][number]) => {
    const request = container.resources?.requests?.[resource];
    return request === undefined ? absent : resourceAmount(resource, request);
  };
  const sum = spec.containers.reduce((total, container) => total + of(container), 0);
  return (spec.initContainers ?? []).reduce((peak, container) => Math.max(peak, of(container)), sum);
}
