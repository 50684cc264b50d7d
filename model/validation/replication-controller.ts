import type { PodSpec, ReplicationController } from "../core.ts";
import { type Causes, forbidden, invalid, negative, notSupported, required } from "./cause.ts";
import { checkAnnotations, checkLabels } from "./metadata.ts";
import { checkPodSpec } from "./pod.ts";

/** Replication controllers (`ValidateReplicationControllerSpec`). Everything in their spec may change. */
export function checkReplicationController(
  causes: Causes,
  controller: ReplicationController,
  before?: ReplicationController,
): void {
  const spec = controller.spec ?? {};
  const known = before?.spec?.template;
  if ((spec.replicas ?? 1) < 0) causes.push(invalid("spec.replicas", spec.replicas, negative));
  if ((spec.minReadySeconds ?? 0) < 0)
    causes.push(invalid("spec.minReadySeconds", spec.minReadySeconds, negative));
  checkLabels(causes, "spec.selector", spec.selector, before?.spec?.selector);
  const keys = Object.keys(spec.selector ?? {});
  if (keys.length === 0) causes.push(required("spec.selector"));
  const { template } = spec;
  if (template == null) {
    causes.push(required("spec.template"));
    return;
  }
  const labels = template.metadata?.labels;
  checkLabels(causes, "spec.template.metadata.labels", labels, known?.metadata?.labels);
  checkAnnotations(causes, "spec.template.metadata.annotations", template.metadata?.annotations);
  if (keys.some((key) => labels?.[key] !== spec.selector![key]))
    causes.push(
      invalid("spec.template.metadata.labels", labels ?? {}, "`selector` does not match template `labels`"),
    );
  const podSpec = template.spec ?? ({} as PodSpec);
  checkPodSpec(causes, "spec.template.spec", podSpec, known?.spec);
  const policy = podSpec.restartPolicy;
  if (policy != null && policy !== "Always")
    causes.push(notSupported("spec.template.spec.restartPolicy", policy, ["Always"]));
  if (podSpec.activeDeadlineSeconds != null)
    causes.push(
      forbidden(
        "spec.template.spec.activeDeadlineSeconds",
        "activeDeadlineSeconds in ReplicationController is not Supported",
      ),
    );
}

const counts = ["replicas", "fullyLabeledReplicas", "readyReplicas", "availableReplicas"] as const;

/** `ValidateReplicationControllerStatus`. */
export function checkReplicationControllerStatus(causes: Causes, controller: ReplicationController): void {
  const { status } = controller;
  if (status == null) return;
  for (const field of [...counts, "observedGeneration"] as const) {
    if ((status[field] ?? 0) < 0) causes.push(invalid(`status.${field}`, status[field], negative));
  }
  const replicas = status.replicas ?? 0;
  const tooMany = "cannot be greater than status.replicas";
  for (const field of counts.slice(1)) {
    if ((status[field] ?? 0) > replicas) causes.push(invalid(`status.${field}`, status[field], tooMany));
  }
  if ((status.availableReplicas ?? 0) > (status.readyReplicas ?? 0))
    causes.push(
      invalid("status.availableReplicas", status.availableReplicas, "cannot be greater than readyReplicas"),
    );
}
