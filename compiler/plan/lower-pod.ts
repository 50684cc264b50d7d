import type {
  Affinity,
  NodeSelectorRequirement,
  PodSpec,
  PodTemplate,
  Toleration,
  Volume,
} from "../../model/core.ts";
import { withRequestsFromLimits } from "../../model/defaults.ts";
import { type Labels, objectKey } from "../../model/meta.ts";
import type { FieldPath } from "../../model/plan.ts";
import { labelTwice } from "../diagnostics/catalog/plan.ts";
import type { Block, FieldValue } from "../evaluate/value.ts";
import { podFieldsAsInKubernetes } from "../types/blocks/pod.ts";
import { compact, type Draft, help, mark, report } from "./draft.ts";
import { lowerContainer, near, readFieldsAsIs } from "./lower-container.ts";
import { child, item } from "./paths.ts";
import { memoryText } from "./quantities.ts";
import {
  fieldsOf,
  present,
  readAmount,
  readBoolean,
  readInteger,
  readList,
  readSeconds,
  readText,
  readTextMap,
} from "./read.ts";

/** The label by which every node is known (kubelets set it): a pod is pinned to a node with it. */
export const hostnameLabel = "kubernetes.io/hostname";

const restartPolicies = { always: "Always", "on-failure": "OnFailure", never: "Never" } as const;

/**
 * A `pod` block, alone or in an rc; `path` is "" or `spec.template`. Requests that are left out are the limits, as
 * Kubernetes makes them in each pod: it stands in the template already, so that what pods will ask for can be seen.
 */
export function lowerPod(draft: Draft, path: FieldPath, block: Block): PodTemplate {
  const { fields } = block;
  const spec = child(path, "spec");
  const at = (name: string) => child(spec, name);
  if (path !== "") mark(draft, path, block.span);
  mark(draft, spec, block.span);
  const members = (word: string) => block.members.filter((member) => member.word === word);
  const containers = (word: string, name: string) =>
    members(word).map((member, index) => lowerContainer(draft, item(at(name), index), member));
  const volumes = members("volume").map((member, index) =>
    lowerVolume(draft, item(at("volumes"), index), member),
  );
  const inits = containers("init", "initContainers");
  const restart = readText(draft, at("restartPolicy"), fields.get("restart"));
  const { affinity, ...rest } = readFieldsAsIs(draft, spec, fields, podFieldsAsInKubernetes);
  lowerAfter(draft, fields.get("after"));
  return {
    metadata: compact({
      labels: podLabels(draft, child(path, "metadata", "labels"), block),
      annotations: readTextMap(draft, child(path, "metadata", "annotations"), fields.get("annotations")),
    }),
    spec: withRequestsFromLimits(
      compact<PodSpec>({
        volumes: volumes.length > 0 ? volumes : undefined,
        initContainers: inits.length > 0 ? inits : undefined,
        containers: containers("container", "containers"),
        restartPolicy: restartPolicies[restart as keyof typeof restartPolicies],
        terminationGracePeriodSeconds: readSeconds(
          draft,
          at("terminationGracePeriodSeconds"),
          fields.get("grace"),
        ),
        activeDeadlineSeconds: readSeconds(draft, at("activeDeadlineSeconds"), fields.get("deadline")),
        ...placement(draft, spec, fields.get("on"), affinity as Affinity | undefined),
        tolerations: readList(draft, at("tolerations"), fields.get("tolerate"), readToleration),
        priority: readInteger(draft, at("priority"), fields.get("priority")),
        ...rest,
      }),
    ),
  };
}

/** Identity and labels together. */
function podLabels(draft: Draft, path: FieldPath, { fields }: Block): Labels | undefined {
  const identity = readTextMap(draft, path, fields.get("identity"));
  const labels = readTextMap(draft, path, fields.get("labels"));
  for (const [key, { keySpan }] of fieldsOf(draft, fields.get("labels"))) {
    const first = fieldsOf(draft, fields.get("identity")).get(key);
    if (!first) continue;
    report(
      draft,
      labelTwice(
        keySpan,
        { key },
        {
          secondary: [{ span: first.keySpan, text: "first here" }],
          fixes: help("leave it in `identity` if selectors are to use it, else in `labels`"),
        },
      ),
    );
  }
  return identity || labels ? { ...identity, ...labels } : undefined;
}

/** What must be ready first: kept beside the objects. */
function lowerAfter(draft: Draft, field: FieldValue | undefined): void {
  const keys = readList(draft, "after", field, (_, __, { value }) =>
    value.kind === "object"
      ? [objectKey(value.object.objectKind, value.object.namespace, value.object.name)]
      : value.kind === "family"
        ? value.members.map(({ objectKind, namespace, name }) => objectKey(objectKind, namespace, name))
        : undefined,
  );
  const distinct = [...new Set(keys?.flat())];
  if (distinct.length > 0) draft.lowering.after.set(draft.key, distinct);
}

// ── Where it may run ───────────────────────────────────────────────────────────────────────────────────────

/**
 * `on`: a node by its host name label, so that the scheduler still looks at room and taints (which `spec.nodeName`
 * would pass over); equalities as a node selector; all else as required node affinity.
 */
function placement(
  draft: Draft,
  spec: FieldPath,
  field: FieldValue | undefined,
  affinity: Affinity | undefined,
): { nodeSelector?: Labels; affinity?: Affinity } {
  const given = present(field);
  const plain = affinity === undefined ? {} : { affinity };
  if (!given) return plain;
  mark(draft, child(spec, "nodeSelector"), given.span);
  if (given.value.kind === "object")
    return { nodeSelector: { [hostnameLabel]: given.value.object.name }, ...plain };
  if (given.value.kind !== "selection") return plain;
  const { requirements } = given.value;
  const keys = new Set(requirements.map(({ key }) => key));
  const equalities = requirements.every(({ operator, values }) => operator === "In" && values.length === 1);
  if (equalities && keys.size === requirements.length)
    return {
      nodeSelector: Object.fromEntries(requirements.map(({ key, values }) => [key, values[0]!])),
      ...plain,
    };
  mark(draft, child(spec, "affinity"), given.span);
  return { affinity: withRequired(affinity, requirements) };
}

/** The terms of an affinity are alternatives, so that each of them has to demand what `on` does. */
function withRequired(
  affinity: Affinity | undefined,
  requirements: readonly {
    key: string;
    operator: NodeSelectorRequirement["operator"];
    values: readonly string[];
  }[],
): Affinity {
  const demanded = requirements.map(({ key, operator, values }) =>
    values.length > 0 ? { key, operator, values } : { key, operator },
  );
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [
    {},
  ];
  return {
    ...affinity,
    nodeAffinity: {
      ...affinity?.nodeAffinity,
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: terms.map((term) => ({
          ...term,
          matchExpressions: [...(term.matchExpressions ?? []), ...demanded],
        })),
      },
    },
  };
}

function readToleration(draft: Draft, path: FieldPath, field: FieldValue): Toleration {
  const fields = fieldsOf(draft, field);
  const key = readText(draft, child(path, "key"), fields.get("key"));
  const value = readText(draft, child(path, "value"), fields.get("value"));
  const operator = readText(draft, child(path, "operator"), fields.get("operator"));
  return compact<Toleration>({
    key,
    operator: (operator ?? (value === undefined ? "Exists" : "Equal")) as Toleration["operator"],
    value,
    effect: readText(draft, child(path, "effect"), fields.get("effect")) as Toleration["effect"],
    tolerationSeconds: readSeconds(draft, child(path, "tolerationSeconds"), fields.get("seconds")),
  });
}

// ── Volumes ────────────────────────────────────────────────────────────────────────────────────────────────

function lowerVolume(draft: Draft, path: FieldPath, block: Block): Volume {
  const name = block.name ?? "";
  mark(draft, path, block.span);
  mark(draft, child(path, "name"), block.span);
  const given = present(block.value);
  if (given?.value.kind !== "variant") return { name };
  const fields = given.value.arguments;
  switch (given.value.name) {
    case "emptyDir":
      mark(draft, child(path, "emptyDir"), given.span);
      return {
        name,
        emptyDir: compact({
          medium: readText(draft, child(path, "emptyDir", "medium"), fields.get("medium")) || undefined,
          sizeLimit: readAmount(draft, child(path, "emptyDir", "sizeLimit"), fields.get("size"), memoryText),
        }),
      };
    case "hostPath":
      mark(draft, child(path, "hostPath"), given.span);
      return {
        name,
        hostPath: compact({
          path: readText(draft, child(path, "hostPath", "path"), fields.get("path")) ?? "",
          type: readText(draft, child(path, "hostPath", "type"), fields.get("type")),
        }),
      };
    case "config":
      return { name, ...keyVolume(draft, path, given, "config", "configMap", "name") };
    case "secret":
      return { name, ...keyVolume(draft, path, given, "secret", "secret", "secretName") };
    default:
      return { name };
  }
}

/** The keys of a config or secret as files; all of them without `items`. */
function keyVolume(
  draft: Draft,
  volume: FieldPath,
  field: FieldValue,
  argument: string,
  source: "configMap" | "secret",
  nameField: string,
): Record<string, unknown> {
  const path = child(volume, source);
  const fields = fieldsOf(draft, field);
  mark(draft, path, field.span);
  const object = present(fields.get(argument));
  if (object?.value.kind !== "object" || !near(draft, object.value.object, object.span)) return {};
  mark(draft, child(path, nameField), object.span);
  const items = readTextMap(draft, child(path, "items"), fields.get("items"));
  const mode = readText(draft, child(path, "defaultMode"), fields.get("mode"));
  return {
    [source]: compact({
      [nameField]: object.value.object.name,
      items: items && Object.entries(items).map(([key, file]) => ({ key, path: file })),
      defaultMode: mode === undefined ? undefined : Number.parseInt(mode, 8),
      optional: readBoolean(draft, child(path, "optional"), fields.get("optional")),
    }),
  };
}
