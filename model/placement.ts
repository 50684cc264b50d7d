import type {
  Container,
  ContainerPort,
  Node,
  NodeSelectorTerm,
  PodSpec,
  Protocol,
  Taint,
  Toleration,
} from "./core.ts";
import { matches, type Requirement } from "./selector.ts";

/** Which pod may stand on which node: the rules that scheduler, kubelet and node controllers share. */

/** Whether one toleration tolerates one taint (Kubernetes' `Toleration.ToleratesTaint`). Empty key, effect: any. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  if ((toleration.operator ?? "Equal") === "Exists") return true;
  return Boolean(toleration.key) && (toleration.value ?? "") === (taint.value ?? "");
}

export function toleratesAny(tolerations: readonly Toleration[] | undefined, taint: Taint): boolean {
  return (tolerations ?? []).some((toleration) => tolerates(toleration, taint));
}

/** Whether a node meets the pod's `nodeSelector` and required node affinity (Kubernetes' `GetRequiredNodeAffinity`). */
export function matchesNodeAffinity(spec: PodSpec, node: Node): boolean {
  for (const [key, value] of Object.entries(spec.nodeSelector ?? {})) {
    if (node.metadata.labels?.[key] !== value) return false;
  }
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return !required || required.nodeSelectorTerms.some((term) => matchesNodeTerm(term, node));
}

/** Whether a node meets one term; a term without requirements matches no node. `metadata.name` is the one field there is. */
export function matchesNodeTerm(term: NodeSelectorTerm, node: Node): boolean {
  const expressions = term.matchExpressions ?? [];
  const fields = term.matchFields ?? [];
  if (expressions.length === 0 && fields.length === 0) return false;
  const requirement = (each: (typeof expressions)[number]): Requirement => ({
    key: each.key,
    operator: each.operator,
    values: each.values ?? [],
  });
  return (
    matches(expressions.map(requirement), node.metadata.labels) &&
    matches(fields.map(requirement), { "metadata.name": node.metadata.name })
  );
}

export interface HostPort {
  readonly protocol: Protocol;
  readonly ip: string;
  readonly port: number;
}

/** The ports that a pod takes of its node. With the host's network every declared port is one of the node's. */
export function hostPorts(spec: PodSpec): readonly HostPort[] {
  const used: HostPort[] = [];
  const add = (port: ContainerPort) => {
    const number = port.hostPort || (spec.hostNetwork ? port.containerPort : 0);
    if (number > 0)
      used.push({ protocol: port.protocol ?? "TCP", ip: port.hostIP || "0.0.0.0", port: number });
  };
  for (const container of spec.containers) container.ports?.forEach(add);
  return used;
}

/** Same protocol and port, and equal addresses or one of them all addresses (Kubernetes' `HostPortInfo.CheckConflict`). */
export function portsConflict(a: HostPort, b: HostPort): boolean {
  return (
    a.port === b.port &&
    a.protocol === b.protocol &&
    (a.ip === b.ip || a.ip === "0.0.0.0" || b.ip === "0.0.0.0")
  );
}

/** All containers of a pod, those that run first before the others. */
export function allContainers(spec: PodSpec): readonly Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}
