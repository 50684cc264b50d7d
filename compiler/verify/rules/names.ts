import type { ConfigMap, Secret } from "../../../model/core.ts";
import { isServed, type KubernetesObject, keyOf, type Labels } from "../../../model/meta.ts";
import type { FieldPath } from "../../../model/plan.ts";
import { nameError } from "../../../model/validation/metadata.ts";
import {
  configKeyFault,
  dnsLabelError,
  environmentNameError,
  labelValueFault,
  qualifiedNameFault,
} from "../../../model/validation/names.ts";
import {
  configKeyForm,
  labelKeyForm,
  labelValueForm,
  memberName,
  objectName,
  variableName,
} from "../../diagnostics/catalog/pods.ts";
import type { Fix } from "../../diagnostics/diagnostic.ts";
import { child } from "../../plan/paths.ts";
import type { Span } from "../../source/source.ts";
import { type Cluster, titleOf, type Workload, wordOf } from "../cluster.ts";
import { replace } from "../fixes.ts";
import type { Rule, Tell } from "../rule.ts";
import { shorten } from "./service-ports.ts";

/** The names and keys that Kubernetes takes, which are fewer than KDSL can write. */
export const names: Rule = (cluster, tell) => {
  let next = 0;
  for (const object of cluster.plan.objects) {
    // Workloads stand in the order of the objects that they are made from.
    const workload = cluster.workloads[next]?.object === object ? cluster.workloads[next++] : undefined;
    const { name, labels, annotations } = object.metadata;
    // Other groups have rules of their own: the name of a role may hold a colon.
    const why = object.apiVersion === "v1" ? nameError(object.kind, name) : undefined;
    if (why !== undefined) {
      const span = cluster.near(keyOf(object), "metadata.name");
      tell(
        objectName(
          span,
          { kind: wordOf(object.kind), name, why: shorten(why) },
          { fixes: plainName(span, name, (text) => nameError(object.kind, text)) },
        ),
      );
    }
    // Those that an rc takes over from its pod are told there.
    const others = workload?.word === "rc" ? workload.labels : none;
    if (!inOrder(labels)) checkLabels(cluster, keyOf(object), "metadata.labels", labels, tell, others);
    if (annotations)
      checkKeys(cluster, keyOf(object), "metadata.annotations", "annotation key", annotations, tell);
    if (isServed(object) && (object.kind === "ConfigMap" || object.kind === "Secret"))
      dataKeys(cluster, object as ConfigMap | Secret, tell);
  }
  for (const workload of cluster.workloads) {
    const { key, spec, specPath } = workload;
    if (workload.word === "rc" && !inOrder(workload.labels))
      checkLabels(cluster, key, workload.labelsPath, workload.labels, tell);
    if (spec.nodeSelector) checkLabels(cluster, key, `${specPath}.nodeSelector`, spec.nodeSelector, tell);
    members(cluster, workload, tell);
  }
};

const none: Labels = {};

/** Whether there is surely nothing to be said of labels. */
function inOrder(labels: Labels | undefined): boolean {
  for (const key in labels)
    if (qualifiedNameFault(key) !== undefined || labelValueFault(labels[key]!) !== undefined) return false;
  return true;
}

/** The name with what is not allowed made plain, where that is a name that is allowed. */
function plainName(span: Span, name: string, wrong: (text: string) => string | undefined): Fix[] {
  const plain = (others: RegExp) =>
    name
      .toLowerCase()
      .replace(others, "-")
      .replace(/^[-.]+|[-.]+$/g, "");
  const text = [/[^a-z0-9.-]+/g, /[^a-z0-9-]+/g].map(plain).find((each) => wrong(each) === undefined);
  return text === undefined ? [] : [replace(`call it \`${text}\``, span, name, text)];
}

function checkKeys(
  cluster: Cluster,
  object: string,
  path: FieldPath,
  what: string,
  map: Labels,
  tell: Tell,
): void {
  for (const key of Object.keys(map)) {
    const why = qualifiedNameFault(key);
    if (why !== undefined)
      tell(labelKeyForm(spanOf(cluster, object, path, key), { what, key, why: shorten(why) }));
  }
}

function checkLabels(
  cluster: Cluster,
  object: string,
  path: FieldPath,
  labels: Labels = none,
  tell: Tell,
  /** Where these are said already, they are left out. */
  others: Labels = none,
): void {
  const own = Object.entries(labels).filter(([key, value]) => others[key] !== value);
  checkKeys(cluster, object, path, "label key", Object.fromEntries(own), tell);
  for (const [key, value] of own) {
    const why = labelValueFault(value);
    if (why !== undefined)
      tell(labelValueForm(spanOf(cluster, object, path, key), { key, value, why: shorten(why) }));
  }
}

const spanOf = (cluster: Cluster, object: string, path: FieldPath, key: string): Span =>
  cluster.near(object, child(path, key));

function dataKeys(cluster: Cluster, object: ConfigMap | Secret, tell: Tell): void {
  if (object.kind === "ConfigMap" && !object.data) return;
  const at = keyOf(object);
  const fromOutside = cluster.plan.secrets[at] ?? {};
  for (const key of Object.keys({ ...object.data, ...fromOutside })) {
    const why = configKeyFault(key);
    if (why !== undefined)
      tell(
        configKeyForm(spanOf(cluster, at, "data", key), {
          what: titleOf(object as KubernetesObject),
          key,
          why: shorten(why),
        }),
      );
  }
}

function members(cluster: Cluster, workload: Workload, tell: Tell): void {
  const { key, spec, specPath } = workload;
  const badName = (what: "container" | "volume", name: string, path: FieldPath, why: string) => {
    const span = cluster.near(key, `${path}.name`);
    // References to a volume would have to change with it, so that no edit is offered for one.
    const fixes = what === "container" ? plainName(span, name, dnsLabelError) : [];
    tell(memberName(span, { what, name, why: shorten(why) }, { fixes }));
  };
  for (const { container, path } of workload.containers) {
    const why = dnsLabelError(container.name);
    if (why !== undefined) badName("container", container.name, path, why);
  }
  const volumes = spec.volumes ?? [];
  for (let index = 0; index < volumes.length; index++) {
    const { name } = volumes[index]!;
    const why = dnsLabelError(name);
    if (why !== undefined) badName("volume", name, `${specPath}.volumes[${index}]`, why);
  }
  for (const { container, path } of workload.containers) {
    const env = container.env ?? [];
    for (let index = 0; index < env.length; index++) {
      const { name } = env[index]!;
      const why = environmentNameError(name);
      if (why !== undefined)
        tell(variableName(cluster.near(key, `${path}.env[${index}].name`), { name, why: shorten(why) }));
    }
  }
}
