import type { Lease } from "../../model/core.ts";
import type { Stored } from "../../model/meta.ts";
import type { Heartbeats } from "../environment.ts";

/** Where kubelets renew their leases, each by the name of its node. */
export const LEASE_NAMESPACE = "kube-node-lease";

/** RFC 3339 with microseconds, as Kubernetes writes `metav1.MicroTime`. */
export function microTimestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace("Z", "000Z");
}

/** A lease as it reads now: renewed by the beats that came since it was written and were not written themselves. */
export function renewedLease(lease: Stored<Lease>, heartbeats: Heartbeats): Stored<Lease> {
  const { name, namespace } = lease.metadata;
  const last = namespace === LEASE_NAMESPACE ? heartbeats.heard(name)?.last : undefined;
  if (last === undefined || !Number.isFinite(last)) return lease;
  const renewTime = microTimestamp(last);
  // Texts of one form sort by time.
  if (renewTime <= (lease.spec.renewTime ?? "")) return lease;
  return Object.freeze({ ...lease, spec: Object.freeze({ ...lease.spec, renewTime }) });
}
