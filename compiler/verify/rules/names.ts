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
import { type Cluster, containersOf, titleOf, type Workload, wordOf } from "../cluster.ts";
import { replace } from "../fixes.ts";
import type { Rule, Tell } from "../rule.ts";
import { shorten } from "./service-ports.ts";

/** The names and keys that Kubernetes takes, which are fewer than KDSL can write. */
export const names: Rule = (cluster, tell) => {
  const controllers = new Map(
    cluster.workloads.filter(({ word }) => word === "rc").map((workload) => [workload.key, workload]),
  );
  for (const object of cluster.plan.objects) {
    const key = keyOf(object);
    const { name, labels, annotations } = object.metadata;
    // Other groups have rules of their own: the name of a role may hold a colon.
    const why = object.apiVersion === "v1" ? nameError(object.kind, name) : undefined;
    if (why !== undefined) {
      const span = cluster.near(key, "metadata.name");
      tell(
        objectName(
          span,
          { kind: wordOf(object.kind), name, why: shorten(why) },
          { fixes: plainName(span, name, (text) => nameError(object.kind, text)) },
        ),
      );
    }
    checkLabels(cluster, key, "metadata.labels", ownLabels(controllers.get(key), labels), tell);
    checkKeys(cluster, key, "metadata.annotations", "annotation key", annotations, tell);
    if (isServed(object) && (object.kind === "ConfigMap" || object.kind === "Secret"))
      dataKeys(cluster, object as ConfigMap | Secret, tell);
  }
  for (const workload of cluster.workloads) {
    if (workload.word === "rc") {
      checkLabels(cluster, workload.key, workload.labelsPath, workload.labels, tell);
    }
    checkLabels(cluster, workload.key, `${workload.specPath}.nodeSelector`, workload.spec.nodeSelector, tell);
    members(cluster, workload, tell);
  }
};

/** The labels of an object without those that it takes over from its pod, where they are told. */
function ownLabels(workload: Workload | undefined, labels: Labels | undefined): Labels | undefined {
  if (!workload || !labels) return labels;
  return Object.fromEntries(
    Object.entries(labels).filter(([name, value]) => workload.labels[name] !== value),
  );
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
  map: Labels | undefined,
  tell: Tell,
): void {
  for (const key of Object.keys(map ?? {})) {
    const why = qualifiedNameFault(key);
    if (why !== undefined)
      tell(labelKeyForm(spanOf(cluster, object, path, key), { what, key, why: shorten(why) }));
  }
}

function checkLabels(
  cluster: Cluster,
  object: string,
  path: FieldPath,
  labels: Labels | undefined,
  tell: Tell,
): void {
  checkKeys(cluster, object, path, "label key", labels, tell);
  for (const [key, value] of Object.entries(labels ?? {})) {
    const why = labelValueFault(value);
    if (why !== undefined)
      tell(labelValueForm(spanOf(cluster, object, path, key), { key, value, why: shorten(why) }));
  }
}

const spanOf = (cluster: Cluster, object: string, path: FieldPath, key: string): Span =>
  cluster.near(object, child(path, key));

function dataKeys(cluster: Cluster, object: ConfigMap | Secret, tell: Tell): void {
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
  const checkName = (what: "container" | "volume", name: string, path: FieldPath) => {
    const why = dnsLabelError(name);
    if (why === undefined) return;
    const span = cluster.near(key, `${path}.name`);
    // References to a volume would have to change with it, so that no edit is offered for one.
    const fixes = what === "container" ? plainName(span, name, dnsLabelError) : [];
    tell(memberName(span, { what, name, why: shorten(why) }, { fixes }));
  };
  for (const { container, path } of containersOf(workload)) checkName("container", container.name, path);
  spec.volumes?.forEach(({ name }, index) => {
    checkName("volume", name, `${specPath}.volumes[${index}]`);
  });
  for (const { container, path } of containersOf(workload)) {
    for (const [index, variable] of (container.env ?? []).entries()) {
      const why = environmentNameError(variable.name);
      if (why !== undefined)
        tell(
          variableName(cluster.near(key, `${path}.env[${index}].name`), {
            name: variable.name,
            why: shorten(why),
          }),
        );
    }
  }
}
