import type { Service } from "../../../model/core.ts";
import { keyOf, type ObjectKey } from "../../../model/meta.ts";
import type { Invariant } from "./invariant.ts";

/** Pods that truly are there have addresses of their own. */
export const podAddresses: Invariant = {
  name: "no two pods have one address",
  watch({ sandbox }) {
    const owners = new Map<string, string>();
    return {
      answer({ type, podUid }) {
        const ready = type === "sandboxReady" ? sandbox(podUid) : undefined;
        if (!ready || ready.pod.spec.hostNetwork) return undefined;
        const other = sandbox(owners.get(ready.address) ?? podUid);
        owners.set(ready.address, podUid);
        // One that went with its node has said nothing.
        if (!other || other.podUid === podUid || other.address !== ready.address) return undefined;
        const names = [other, ready].map(({ pod }) => pod.metadata.name);
        return {
          message: `${ready.address} is the address of the pods ${names.join(" and ")}`,
          objects: [keyOf(ready.pod), keyOf(other.pod)],
        };
      },
    };
  },
};

/** A virtual address is one service's. */
export const clusterAddresses: Invariant = {
  name: "no two services have one virtual address",
  watch: ({ client }) => ({
    change({ kind, previous, next }) {
      if (kind !== "Service" || !next) return undefined;
      const { clusterIP } = (next as unknown as Service).spec;
      const before = (previous as unknown as Service | undefined)?.spec.clusterIP;
      if (!clusterIP || clusterIP === "None" || clusterIP === before) return undefined;
      const other = client()
        .list("Service")
        .find(({ metadata, spec }) => spec.clusterIP === clusterIP && metadata.uid !== next.metadata.uid);
      if (!other) return undefined;
      const names = [other.metadata.name, next.metadata.name].join(" and ");
      return {
        message: `${clusterIP} is the address of the services ${names}`,
        objects: [keyOf(next), keyOf(other)],
      };
    },
  }),
};

/** A node port is one service's, for one protocol. */
export const nodePorts: Invariant = {
  name: "no two services have one node port",
  watch: ({ client }) => ({
    change({ kind }) {
      if (kind !== "Service") return undefined;
      const owners = new Map<string, ObjectKey>();
      for (const service of client().list("Service")) {
        for (const { nodePort, protocol = "TCP" } of (service as Service).spec.ports ?? []) {
          if (nodePort === undefined) continue;
          const port = `${nodePort}/${protocol}`;
          const other = owners.get(port);
          if (other !== undefined) {
            return {
              message: `node port ${port} is given to ${other} and to ${keyOf(service)}`,
              objects: [keyOf(service), other],
            };
          }
          owners.set(port, keyOf(service));
        }
      }
      return undefined;
    },
  }),
};
