import type { Pod, PodSpec, Toleration } from "../core.ts";
import { isGated } from "../pod.ts";
import { type Causes, forbidden, invalid, negative, oneOf, required } from "./cause.ts";
import { areAlike, type ContainerContext, checkContainer } from "./container.ts";
import { differences, sameJson } from "./equal.ts";
import { checkGatesUpdate, checkNarrowed } from "./gated.ts";
import { checkLabels, nameError } from "./metadata.ts";
import { dnsLabelError } from "./names.ts";
import { checkPodAffinity, checkSpread } from "./placement.ts";
import { checkAffinity, checkTolerations } from "./scheduling.ts";
import { checkSettings } from "./settings.ts";
import { checkVolumes } from "./volumes.ts";

/** Pods (`ValidatePodSpec`, `ValidatePodUpdate`). */

const restartPolicies = new Set(["Always", "OnFailure", "Never"]);
const dnsPolicies = new Set(["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"]);
const largestDeadline = 2 ** 31 - 1;

/** `before`: a spec that was in order. */
export function checkPodSpec(causes: Causes, path: string, spec: PodSpec, before?: PodSpec): void {
  const volumes = checkVolumes(causes, `${path}.volumes`, spec.volumes, before?.volumes);
  const names = new Set<string>();
  const hostNetwork = spec.hostNetwork === true;
  const sameVolumes = before != null && areAlike(spec.volumes, before.volumes);
  const main: ContainerContext = {
    init: false,
    hostNetwork,
    volumes,
    sameVolumes,
    names,
    hostPorts: new Set(),
  };
  if (!(spec.containers?.length > 0)) causes.push(required(`${path}.containers`));
  else
    for (let index = 0; index < spec.containers.length; index++)
      checkContainer(
        causes,
        `${path}.containers[${index}]`,
        spec.containers[index]!,
        main,
        before?.containers?.[index],
      );
  if (spec.initContainers) {
    const init: ContainerContext = { ...main, init: true };
    for (const [index, container] of spec.initContainers.entries())
      checkContainer(causes, `${path}.initContainers[${index}]`, container, init);
  }
  oneOf(causes, `${path}.restartPolicy`, spec.restartPolicy, restartPolicies);
  oneOf(causes, `${path}.dnsPolicy`, spec.dnsPolicy, dnsPolicies);
  const grace = spec.terminationGracePeriodSeconds;
  if (grace != null && grace < 0)
    causes.push(invalid(`${path}.terminationGracePeriodSeconds`, grace, negative));
  checkDeadline(causes, `${path}.activeDeadlineSeconds`, spec.activeDeadlineSeconds);
  for (const field of ["hostname", "subdomain"] as const) {
    const fault = spec[field] ? dnsLabelError(spec[field]) : undefined;
    if (fault !== undefined) causes.push(invalid(`${path}.${field}`, spec[field], fault));
  }
  if (spec.nodeName) {
    const fault = nameError("Node", spec.nodeName);
    if (fault !== undefined) causes.push(invalid(`${path}.nodeName`, spec.nodeName, fault));
  }
  if (spec.serviceAccountName) {
    const fault = nameError("ServiceAccount", spec.serviceAccountName);
    if (fault !== undefined)
      causes.push(invalid(`${path}.serviceAccountName`, spec.serviceAccountName, fault));
  }
  checkLabels(causes, `${path}.nodeSelector`, spec.nodeSelector, before?.nodeSelector);
  if (spec.tolerations) checkTolerations(causes, `${path}.tolerations`, spec.tolerations);
  if (spec.affinity) {
    checkAffinity(causes, `${path}.affinity`, spec.affinity);
    checkPodAffinity(causes, `${path}.affinity`, spec.affinity);
  }
  if (spec.topologySpreadConstraints)
    checkSpread(causes, `${path}.topologySpreadConstraints`, spec.topologySpreadConstraints);
  checkSettings(causes, path, spec);
}

function checkDeadline(causes: Causes, path: string, deadline: number | null | undefined): void {
  if (deadline != null && (deadline < 1 || deadline > largestDeadline))
    causes.push(invalid(path, deadline, `must be between 1 and ${largestDeadline}, inclusive`));
}

export function checkPod(causes: Causes, pod: Pod, before?: Pod): void {
  // A spec that is absent is one without containers.
  checkPodSpec(causes, "spec", pod.spec ?? ({} as PodSpec), before?.spec);
}

const changeable = [
  "`spec.containers[*].image`",
  "`spec.initContainers[*].image`",
  "`spec.activeDeadlineSeconds`",
  "`spec.tolerations` (only additions to existing tolerations)",
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
];

/**
 * Of a live pod's spec only images, the deadline (set or shortened) and further tolerations may change; gates are taken
 * away, and as long as there are any the choice of nodes is narrowed.
 */
export function checkPodUpdate(causes: Causes, previous: Pod, next: Pod): void {
  const before = previous.spec;
  const after = next.spec;
  if (before === after || after == null) return;
  if ((before.containers.length ?? 0) !== (after.containers?.length ?? 0)) {
    causes.push(forbidden("spec.containers", "pod updates may not add or remove containers"));
    return;
  }
  if ((before.initContainers?.length ?? 0) !== (after.initContainers?.length ?? 0)) {
    causes.push(forbidden("spec.initContainers", "pod updates may not add or remove containers"));
    return;
  }
  const [old, now] = [before.activeDeadlineSeconds ?? undefined, after.activeDeadlineSeconds ?? undefined];
  if (old !== undefined && now === undefined)
    causes.push(
      invalid("spec.activeDeadlineSeconds", null, "must not update from a positive integer to nil value"),
    );
  else if (old !== undefined && now !== undefined && now > old)
    causes.push(invalid("spec.activeDeadlineSeconds", now, `must be less than or equal to previous value`));
  checkAddedTolerations(causes, before.tolerations ?? [], after.tolerations ?? []);
  checkGatesUpdate(causes, before, after);
  const gated = isGated(before);
  if (gated) checkNarrowed(causes, before, after);
  const changed = differences("spec", withoutChangeable(before, gated), withoutChangeable(after, gated));
  if (changed.length > 0)
    causes.push(
      forbidden(
        "spec",
        `pod updates may not change fields other than ${changeable.join(",")}; changed: ${changed.join(", ")}`,
      ),
    );
}

function checkAddedTolerations(
  causes: Causes,
  before: readonly Toleration[],
  after: readonly Toleration[],
): void {
  const same = (left: Toleration, right: Toleration) =>
    left.key === right.key &&
    left.effect === right.effect &&
    left.value === right.value &&
    (left.operator ?? "Equal") === (right.operator ?? "Equal");
  // Kubernetes lets the seconds of one change, and nothing be taken away.
  if (before.some((old) => !after.some((each) => same(old, each))))
    causes.push(
      forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds"),
    );
}

/** A shallow copy without what an update may change. */
function withoutChangeable(spec: PodSpec, gated: boolean): object {
  const { activeDeadlineSeconds, tolerations, schedulingGates, containers, initContainers, ...rest } = spec;
  const strip = (list: PodSpec["containers"] | undefined) => list?.map(({ image, ...others }) => others);
  const kept = { ...rest, containers: strip(containers), initContainers: strip(initContainers) };
  if (!gated) return kept;
  const { nodeSelector, affinity, ...others } = kept;
  const { nodeAffinity, ...apart } = affinity ?? {};
  return Object.keys(apart).length > 0 ? { ...others, affinity: apart } : others;
}

/** The status of a pod: it cannot move, and a final phase stays (`ValidatePodStatusUpdate`). */
export function checkPodStatusUpdate(causes: Causes, previous: Pod, next: Pod): void {
  if (!sameJson(previous.spec.nodeName, next.spec?.nodeName))
    causes.push(forbidden("status.nodeName", "may not be changed directly"));
  if (previous.spec.restartPolicy === "Always") return;
  for (const [index, status] of (next.status?.containerStatuses ?? []).entries()) {
    const before = previous.status?.containerStatuses?.find((each) => each.name === status.name);
    if (before?.state?.terminated === undefined) continue;
    const failed = before.state.terminated.exitCode !== 0;
    if (previous.spec.restartPolicy === "OnFailure" && failed) continue;
    if (status.state?.terminated === undefined)
      causes.push(
        forbidden(
          `status.containerStatuses[${index}].state`,
          "may not be transitioned to non-terminated state",
        ),
      );
  }
}
