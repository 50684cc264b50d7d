import type { FieldPath } from "../../../model/plan.ts";

/** Fields under the words that KDSL has for them: `spec.template.spec.containers[0].image` is `container server image`. */

const words = new Map(
  Object.entries({
    spec: "",
    template: "",
    metadata: "",
    status: "",
    resources: "",
    lifecycle: "",
    data: "",
    value: "",
    valueFrom: "",
    containerPort: "",
    hostPort: "host",
    nodePort: "node",
    targetPort: "target",
    readinessProbe: "ready",
    livenessProbe: "live",
    startupProbe: "started",
    postStart: "afterStart",
    preStop: "beforeStop",
    imagePullPolicy: "pull",
    workingDir: "workingDirectory",
    terminationGracePeriodSeconds: "grace",
    activeDeadlineSeconds: "deadline",
    restartPolicy: "restart",
    nodeSelector: "on",
    nodeName: "on",
    nodeAffinity: "on",
    tolerations: "tolerate",
    topologySpreadConstraints: "spread",
    selector: "select",
    minReadySeconds: "minReady",
    "ephemeral-storage": "storage",
    clusterIP: "address",
    type: "expose",
    sessionAffinity: "affinity",
    readOnly: "readonly",
  }),
);

const items: Readonly<Record<string, string>> = {
  containers: "container",
  initContainers: "init",
  volumes: "volume",
  volumeMounts: "mount",
  ports: "port",
};

/** One step into an object: a field, or an item of a list with the name that tells it from the others. */
export type Step = string | { readonly list: string; readonly item: string };

export function wordsOf(steps: readonly Step[]): string {
  const parts: string[] = [];
  for (const step of steps) {
    if (step === "kdsl.dev/after") parts.splice(0, parts.length, "after");
    else if (typeof step === "string") parts.push(words.get(step) ?? step);
    else if (items[step.list] !== undefined) parts.push(`${items[step.list]} ${step.item}`);
    else parts.push(step.list, step.item);
  }
  const shown = parts.filter((part) => part !== "");
  // Names of things stand apart, fields of fields are joined: `container server requests.cpu`.
  return shown.reduce((text, part, index) => {
    if (index === 0) return part;
    return `${text}${part.includes(" ") || (shown[index - 1] ?? "").includes(" ") ? " " : "."}${part}`;
  }, "");
}

const quantities = /\.(requests|limits|capacity|allocatable|sizeLimit)\b/;

const longest = 72;

/** A value as it is shown in a change. */
export function valueText(path: FieldPath, value: unknown): string {
  if (value === undefined) return "(none)";
  if (typeof value === "string" && quantities.test(path)) return value;
  if (typeof value === "number" && /Seconds$/.test(path)) return `${value}s`;
  if (typeof value === "object" && value !== null && "name" in value && !Array.isArray(value)) {
    // The name stands before it.
    const { name: _, value: text, ...rest } = value as { name: unknown; value?: unknown };
    return valueText(path, text === undefined || Object.keys(rest).length > 0 ? rest : text);
  }
  const text = JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest - 1)}…` : text;
}
