import { keyOf } from "../../../model/meta.ts";
import { describeHolder, holderOf, listenerInTheWay } from "../holders.ts";
import type { ClusterContext } from "./check.ts";
import type { Notice } from "./notice.ts";

/** A node port is opened on localhost, too, which all of this machine shares: one that is taken is refused with its holder. */
export function checkNodePorts({ services }: ClusterContext): Notice[] {
  const notices: Notice[] = [];
  for (const service of services) {
    for (const [index, { nodePort }] of (service.spec.ports ?? []).entries()) {
      const listener = nodePort === undefined ? undefined : listenerInTheWay("127.0.0.1", nodePort);
      const holder = listener && holderOf(listener.inode);
      // Our own, when a plan is checked while its cluster runs.
      if (!listener || holder?.pid === process.pid) continue;
      const at = listener.wildcard ? "on every address" : `at ${listener.address}`;
      notices.push({
        code: "KD4013",
        severity: "error",
        object: keyOf(service),
        field: `spec.ports[${index}].nodePort`,
        message: `node port ${nodePort} of service \`${service.metadata.name}\` is in use ${at} by ${describeHolder(holder)}`,
        fix: "end that program, choose another number, or write `expose: node` and let the cluster choose",
      });
    }
  }
  return notices;
}
