import type { Pod, ServicePort } from "../../model/core.ts";
import { isSidecar } from "../../model/pod.ts";

/**
 * The number of the port of a pod to which a port of a service leads (`FindPort` of Kubernetes' `pkg/api/v1/pod`): a
 * number stands for itself, a name for the container's port of that name and protocol. Undefined where the pod has
 * none of that name.
 */
export function targetPort(pod: Pod, port: ServicePort): number | undefined {
  const target = port.targetPort ?? port.port;
  if (typeof target === "number") return target;
  const protocol = port.protocol ?? "TCP";
  const containers = [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(isSidecar)];
  for (const container of containers) {
    const found = container.ports?.find(
      (each) => each.name === target && (each.protocol ?? "TCP") === protocol,
    );
    if (found) return found.containerPort;
  }
  return undefined;
}
