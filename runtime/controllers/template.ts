import type { Pod, PodTemplate, Toleration } from "../../model/core.ts";
import { equalStructure } from "../client/structure.ts";

/** What a pod gets after it was made from a template: by scheduling, by admission. */
const acquired: ReadonlySet<string> = new Set([
  "nodeName",
  "tolerations",
  "priority",
  "preemptionPolicy",
  "serviceAccountName",
  "enableServiceLinks",
]);

/**
 * Whether a pod is what a template would make today. The pod itself is compared and no hash kept of it, so that there
 * is nothing to be stale: a template that was edited without a roll-out, or a pod whose image was edited, is told
 * rightly. What was taken out of the template's labels or annotations alone makes no difference.
 */
export function isOfTemplate(pod: Pod, template: PodTemplate): boolean {
  const { labels = {}, annotations = {} } = template.metadata ?? {};
  if (!includes(pod.metadata.annotations, annotations) || !includes(pod.metadata.labels, labels))
    return false;
  const wanted = template.spec as unknown as Readonly<Record<string, unknown>>;
  const found = pod.spec as unknown as Readonly<Record<string, unknown>>;
  for (const key of new Set([...Object.keys(wanted), ...Object.keys(found)])) {
    if (key === "tolerations") continue;
    if (acquired.has(key) && wanted[key] === undefined) continue;
    if (key === "containers" || key === "initContainers") {
      if (!sameContainers(wanted[key], found[key])) return false;
    } else if (!equalStructure(wanted[key], found[key])) return false;
  }
  const tolerations: readonly Toleration[] = pod.spec.tolerations ?? [];
  return (template.spec.tolerations ?? []).every((each) =>
    tolerations.some((one) => equalStructure(each, one)),
  );
}

function includes(
  found: Readonly<Record<string, string>> | undefined,
  wanted: Readonly<Record<string, string>>,
): boolean {
  return Object.entries(wanted).every(([key, value]) => found?.[key] === value);
}

/** Containers are the same if all but their requests are; requests that a template leaves out are a pod's limits. */
function sameContainers(wanted: unknown, found: unknown): boolean {
  if (equalStructure(wanted ?? [], found ?? [])) return true;
  if (!Array.isArray(wanted) || !Array.isArray(found) || wanted.length !== found.length) return false;
  return wanted.every((container, index) => {
    const { resources: asked = {}, ports: askedPorts, ...rest } = container;
    const { resources = {}, ports, ...others } = found[index];
    if (!equalStructure(rest, others) || !equalStructure(asked.limits ?? {}, resources.limits ?? {}))
      return false;
    if (!equalStructure({ ...asked.limits, ...asked.requests }, resources.requests ?? {})) return false;
    return equalStructure(withoutHostPorts(askedPorts), withoutHostPorts(ports));
  });
}

/** On the node's own network a pod's ports take the node's of the same number. */
function withoutHostPorts(ports: unknown): unknown {
  return Array.isArray(ports)
    ? ports.map(({ hostPort, ...port }) => (hostPort === port.containerPort ? port : { ...port, hostPort }))
    : [];
}
