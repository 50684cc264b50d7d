import type { Affinity, NodeSelectorTerm, PodSpec, PodTemplate, Toleration } from "../../model/core.ts";
import { type Labels, objectKey } from "../../model/meta.ts";
import type { FieldPath } from "../../model/plan.ts";
import { equalitySelector, type Selector } from "../../model/selector.ts";
import { waitForOutside } from "../diagnostics/catalog/outside.ts";
import { labelTwice } from "../diagnostics/catalog/plan.ts";
import type { Block, FieldValue } from "../evaluate/value.ts";
import { kubernetes } from "../types/blocks/common.ts";
import { podFieldsAsInKubernetes, spreadFields } from "../types/blocks/pod.ts";
import { compact, type Draft, help, mark, report, titleOf } from "./draft.ts";
import { lowerContainer, readResources } from "./lower-container.ts";
import { lowerFields, nodeTerm, podSelector } from "./lower-fields.ts";
import { lowerVolume } from "./lower-volume.ts";
import { cast, isHole } from "./molds.ts";
import { child, item } from "./paths.ts";
import {
  fieldsOf,
  present,
  readInteger,
  readList,
  readSeconds,
  readText,
  readTextMap,
  readTexts,
} from "./read.ts";

/** The label by which every node is known (kubelets set it): a pod is pinned to a node with it. */
export const hostnameLabel = "kubernetes.io/hostname";

const restartPolicies = { always: "Always", "on-failure": "OnFailure", never: "Never" } as const;

/**
 * A `pod` block, alone or in an rc; `path` is "" or `spec.template`.
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
  const plain = lowerFields(draft, path, fields, podFieldsAsInKubernetes).spec as PodSpec | undefined;
  const { affinity, ...rest } = plain ?? {};
  lowerAfter(draft, fields.get("after"));
  return {
    metadata: compact({
      finalizers: readTexts(draft, child(path, "metadata", "finalizers"), fields.get("finalizers")),
      labels: podLabels(
        draft,
        child(path, "metadata", "labels"),
        fields.get("identity"),
        fields.get("labels"),
      ),
      annotations: readTextMap(draft, child(path, "metadata", "annotations"), fields.get("annotations")),
    }),
    spec: compact<PodSpec>({
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
      ...placement(draft, spec, fields.get("on"), affinity),
      topologySpreadConstraints: lowerSpread(
        draft,
        at("topologySpreadConstraints"),
        fields.get("spread"),
        fields.get("identity"),
      ) as PodSpec["topologySpreadConstraints"],
      tolerations: readList(draft, at("tolerations"), fields.get("tolerate"), readToleration),
      overhead: readResources(draft, at("overhead"), fields.get("overhead")),
      priority: readInteger(draft, at("priority"), fields.get("priority")),
      ...rest,
    }),
  };
}

/** Identity and labels together. */
function podLabels(
  draft: Draft,
  path: FieldPath,
  own: FieldValue | undefined,
  more: FieldValue | undefined,
): Labels | undefined {
  if (isHole(own) || isHole(more))
    return cast(draft, [own, more], (of, mine) => podLabels(of, path, own && mine(own), more && mine(more)));
  const identity = readTextMap(draft, path, own);
  const labels = readTextMap(draft, path, more);
  for (const [key, { keySpan }] of fieldsOf(draft, more)) {
    const first = fieldsOf(draft, own).get(key);
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
  cast(draft, [field], (of, own) => noteAfter(of, field && own(field)));
}

/** True, as there is something to be done. */
function noteAfter(draft: Draft, field: FieldValue | undefined): true {
  const keys = readList(draft, "after", field, (_, __, { value }) =>
    value.kind === "object"
      ? [objectKey(value.object.objectKind, value.object.namespace, value.object.name)]
      : value.kind === "family"
        ? value.members.map(({ objectKind, namespace, name }) => objectKey(objectKind, namespace, name))
        : undefined,
  );
  const given = present(field)?.value;
  for (const value of given?.kind === "list" ? given.items : given ? [given] : [])
    if (value.kind === "object" && value.object.external)
      report(draft, waitForOutside(field!.span, { what: titleOf(value.object) }));
  const distinct = [...new Set(keys?.flat())];
  if (distinct.length > 0) draft.lowering.after.set(draft.key, distinct);
  return true;
}

// ── Where it may run ───────────────────────────────────────────────────────────────────────────────────────

/**
 * `on`: a node by its host name label, so that the scheduler still looks at room and taints (which `spec.nodeName`
 * would pass over); equalities as a node selector, what else a selection asks besides as required node affinity, of
 * which both have to hold; a list as the affinity's alternatives.
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
  const { value } = given;
  const select = (nodeSelector: Labels) => {
    mark(draft, child(spec, "nodeSelector"), given.span);
    return { nodeSelector };
  };
  const require = (terms: readonly NodeSelectorTerm[]) => {
    mark(draft, child(spec, "affinity"), given.span);
    const required = { [requiredTerms]: { nodeSelectorTerms: terms } };
    return { affinity: { ...affinity, nodeAffinity: { ...affinity?.nodeAffinity, ...required } } };
  };
  if (value.kind === "object") return { ...select({ [hostnameLabel]: value.object.name }), ...plain };
  if (value.kind === "selection") {
    const [equal, others] = equalitiesOf(value.requirements);
    return {
      ...(equal.size > 0 ? select(Object.fromEntries(equal)) : {}),
      ...(others.length > 0 ? require([nodeTerm(others)]) : plain),
    };
  }
  const path = child(child(spec, "affinity"), "nodeAffinity", requiredTerms);
  return require(readList(draft, child(path, "nodeSelectorTerms"), given, readTerm) ?? []);
}

/** What a node selector can say, one value for each key, and what is left then. */
function equalitiesOf(requirements: Selector): [ReadonlyMap<string, string>, Selector] {
  const equal = new Map<string, string>();
  const others = requirements.filter(({ key, operator, values }) => {
    if (operator !== "In" || values.length !== 1 || equal.has(key)) return true;
    equal.set(key, values[0]!);
    return false;
  });
  return [equal, others];
}

const requiredTerms = "requiredDuringSchedulingIgnoredDuringExecution";

/** One alternative of `on`. */
function readTerm(draft: Draft, path: FieldPath, field: FieldValue): NodeSelectorTerm | undefined {
  const { value } = field;
  if (value.kind === "selection") return nodeTerm(value.requirements);
  if (value.kind === "object")
    return nodeTerm([{ key: hostnameLabel, operator: "In", values: [value.object.name] }]);
  const type = kubernetes("NodeSelectorTerm");
  if (value.kind !== "record" || type.kind !== "record") return undefined;
  return lowerFields(draft, path, fieldsOf(draft, field), type.fields, type.of);
}

/** How evenly pods are spread; those of this pod's own identity, if it does not say which. */
function lowerSpread(
  draft: Draft,
  path: FieldPath,
  spread: FieldValue | undefined,
  identity: FieldValue | undefined,
): readonly object[] | undefined {
  if (isHole(spread))
    return cast(draft, [spread], (of, own) =>
      lowerSpread(of, path, spread && own(spread), identity && own(identity)),
    );
  return readList(draft, path, spread, (_, at, one) => {
    const written = lowerFields(draft, at, fieldsOf(draft, one), spreadFields);
    const own = written.labelSelector
      ? undefined
      : readTextMap(draft, child(at, "labelSelector", "matchLabels"), identity);
    return {
      maxSkew: 1,
      whenUnsatisfiable: "DoNotSchedule",
      ...(own ? { labelSelector: podSelector(equalitySelector(own)) } : {}),
      ...written,
    };
  });
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
