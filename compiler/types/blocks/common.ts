import * as t from "../basic.ts";
import { kubernetes } from "../kubernetes/types.ts";
import type { FieldSchema, Type } from "../type.ts";

export * from "../basic.ts";
export { kubernetes, kubernetesForm } from "../kubernetes/types.ts";

/** What several blocks share. */

/** What the metadata of every object takes. */
export const metadata: Readonly<Record<string, FieldSchema>> = {
  labels: t.field(
    t.labels,
    "Labels of the object; they take part in a selection only where a `where` names them.",
    "metadata.labels",
  ),
  annotations: t.field(
    t.mapOf(t.text),
    "Notes for people and tools; nothing selects by them.",
    "metadata.annotations",
  ),
  finalizers: t.field(
    t.texts,
    "Names that have to be taken off before the object goes, each by the one who put it there.",
    "metadata.finalizers",
  ),
};

/** Amounts of what a node has and containers use. */
const resourceFields: Readonly<Record<string, FieldSchema>> = {
  cpu: t.field(t.cpu, "Processor time in cores: `250m` or `0.5`.", "cpu"),
  memory: t.field(t.memory, "Memory in bytes: `64Mi`.", "memory"),
  storage: t.field(
    t.memory,
    "Local disk for logs, writable layers and `emptyDir` volumes (Kubernetes' `ephemeral-storage`).",
    "ephemeral-storage",
  ),
  devices: t.field(
    t.mapOf(t.integer(0)),
    'Extended resources by name, counted: `{ "example.com/gpu": 1 }`.',
    "{}",
  ),
};

export const resources = t.record("Resources", resourceFields);

export const capacity = t.record("Capacity", {
  ...resourceFields,
  pods: t.field(t.integer(0), "How many pods the node takes; 110 when left out.", "pods"),
});

/** What std/probe's `http`, `tcp` and `exec` give, in Kubernetes' field names. */
export const probe = kubernetes("Probe");

/** Timings of a probe that stand for nothing where a handler is called once. */
const noTimings: readonly string[] = [
  "initialDelaySeconds",
  "timeoutSeconds",
  "periodSeconds",
  "successThreshold",
  "failureThreshold",
];

let handlerFields: Readonly<Record<string, FieldSchema>> | undefined;

/** What is done once, after the start or before the stop: written as a probe is, whose timings do not count here. */
export const handler: Type = {
  kind: "record",
  name: "Handler",
  of: "LifecycleHandler",
  get fields() {
    if (handlerFields) return handlerFields;
    const [once, timed] = [kubernetes("LifecycleHandler"), kubernetes("Probe")];
    if (once.kind !== "record" || timed.kind !== "record") return {};
    handlerFields = {
      ...once.fields,
      ...Object.fromEntries(noTimings.map((name) => [name, { ...timed.fields[name]!, path: [] }])),
    };
    return handlerFields;
  },
};
