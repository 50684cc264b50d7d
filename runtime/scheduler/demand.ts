import type { PodSpec } from "../../model/core.ts";
import { type HostPort, hostPorts } from "../../model/placement.ts";
import { podRequests, sumRequests } from "../../model/pod.ts";

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

const scoredWhereAbsent = { cpu: "100m", memory: "200Mi" };

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
  const scored = sumRequests(spec, scoredWhereAbsent);
  const demand: Demand = {
    requests,
    cpu,
    memory,
    others: Object.entries(others),
    scoredCpu: scored.cpu ?? 0,
    scoredMemory: scored.memory ?? 0,
    ports: hostPorts(spec),
  };
  demands.set(spec.containers, { of: spec, demand });
  return demand;
}
