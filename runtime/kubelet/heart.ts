import { beatRank, type Cancel } from "../../base/clock.ts";
import { ApiError, type Client } from "../client/client.ts";
import { LEASE_NAMESPACE, microTimestamp } from "../client/lease.ts";
import type { Environment } from "../environment.ts";

/** How long a lease holds, and how often it is renewed (Kubernetes' `nodeLeaseDurationSeconds` and a quarter of it). */
const leaseSeconds = 40;
const leasePeriod = 10_000;

export interface HeartOptions {
  /** Past any link: what comes through is decided here. */
  readonly client: Client;
  readonly environment: Pick<Environment, "clock" | "links" | "heartbeats">;
  readonly nodeName: string;
  /** Called with each beat that comes through, but for the first. */
  readonly onBeat: () => void;
}

/**
 * Says every 10 s that the kubelet is alive, by the node's lease. Where the environment knows the beats without their
 * being sent (`heartbeats`), only the first one is written. Gives what ends it.
 */
export function startHeart({ client, environment, nodeName, onBeat }: HeartOptions): Cancel {
  const { clock, links, heartbeats } = environment;
  const passes = () => links?.passes(nodeName) ?? true;
  if (passes()) renewLease(nodeName, client, clock.now());
  if (heartbeats) return heartbeats.begin(nodeName, leasePeriod);

  const rank = beatRank(nodeName);
  let at = clock.now();
  let cancel: Cancel = () => {};
  const arm = () => {
    do at += leasePeriod;
    while (at <= clock.now());
    cancel = clock.schedule(at, beat, rank);
  };
  const beat = () => {
    const now = clock.now();
    arm();
    if (!passes()) return;
    renewLease(nodeName, client, now);
    onBeat();
  };
  arm();
  return () => {
    cancel();
    // As at the very instant of a cut: what is due now has been sent.
    if (at === clock.now() && passes()) renewLease(nodeName, client, at);
  };
}

/** A lease that is missing is made, and its namespace before it. A node that is gone needs none. */
function renewLease(nodeName: string, client: Client, now: number): void {
  const renewTime = microTimestamp(now);
  const lease = client.get("Lease", LEASE_NAMESPACE, nodeName);
  if (lease) {
    client.update({ ...lease, spec: { ...lease.spec, holderIdentity: nodeName, renewTime } });
    return;
  }
  const node = client.get("Node", undefined, nodeName);
  if (!node) return;
  if (!client.get("Namespace", undefined, LEASE_NAMESPACE)) {
    try {
      client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: LEASE_NAMESPACE } });
    } catch (error) {
      if (!(error instanceof ApiError && error.reason === "AlreadyExists")) throw error;
    }
  }
  const { name, uid } = node.metadata;
  client.create({
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: {
      name,
      namespace: LEASE_NAMESPACE,
      ownerReferences: [{ apiVersion: "v1", kind: "Node", name, uid }],
    },
    spec: { holderIdentity: name, leaseDurationSeconds: leaseSeconds, renewTime },
  });
}
