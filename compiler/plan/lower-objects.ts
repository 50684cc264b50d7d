import type {
  ConfigMap,
  Namespace,
  Node,
  NodeStatus,
  Pod,
  ReplicationController,
  Secret,
  Service,
  ServicePort,
  ServiceSpec,
  Taint,
} from "../../model/core.ts";
import type { KubernetesObject, Labels, ObjectMeta } from "../../model/meta.ts";
import type { FieldPath } from "../../model/plan.ts";
import {
  exposedAs,
  identityMissing,
  keyInData,
  lateHere,
  notOnNodes,
  whichPort,
} from "../diagnostics/catalog/plan.ts";
import type { Block, FieldValue, Value } from "../evaluate/value.ts";
import type { Span } from "../source/source.ts";
import { config, node, secret, serviceFieldsAsInKubernetes } from "../types/blocks/objects.ts";
import type { BlockSchema } from "../types/type.ts";
import { compact, type Draft, enter, help, mark, report } from "./draft.ts";
import { readResources } from "./lower-container.ts";
import { lowerFields } from "./lower-fields.ts";
import { hostnameLabel, lowerPod } from "./lower-pod.ts";
import { lowerAccount, lowerClaim } from "./lower-storage.ts";
import { cast } from "./molds.ts";
import { child, item } from "./paths.ts";
import { ceiling } from "./quantities.ts";
import {
  describeLate,
  type FieldMap,
  fieldsOf,
  present,
  readBoolean,
  readInteger,
  readList,
  readPort,
  readSeconds,
  readText,
  readTextMap,
  readTexts,
} from "./read.ts";
import { identityOf, markLabels, readSelector } from "./selection.ts";

/** One function for each kind: from the block to the Kubernetes object, before Kubernetes' defaults are filled in. */
export const lowerings: Readonly<Record<string, (draft: Draft, block: Block) => KubernetesObject>> = {
  namespace: lowerNamespace,
  node: lowerNode,
  config: lowerConfig,
  secret: lowerSecret,
  service: lowerService,
  rc: lowerReplicationController,
  pod: lowerPodObject,
  claim: lowerClaim,
  account: lowerAccount,
};

function metadata(draft: Draft, block: Block, extra: { labels?: Labels } = {}): ObjectMeta {
  const labels = readTextMap(draft, "metadata.labels", block.fields.get("labels"));
  return compact<ObjectMeta>({
    name: draft.handle.name,
    namespace: draft.handle.namespace,
    labels: extra.labels ? { ...extra.labels, ...labels } : labels,
    annotations: readTextMap(draft, "metadata.annotations", block.fields.get("annotations")),
    finalizers: readTexts(draft, "metadata.finalizers", block.fields.get("finalizers")),
  });
}

function lowerNamespace(draft: Draft, block: Block): Namespace {
  const finalizers = readTexts(draft, "spec.finalizers", block.fields.get("specFinalizers"));
  return compact<Namespace>({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: metadata(draft, block),
    spec: finalizers && { finalizers },
  });
}

/** How many pods a node takes when nothing is said (the kubelet's `maxPods`). */
const defaultPods = "110";

/** With its host name label, as a kubelet would register it, so that what is pinned to it can be placed. */
function lowerNode(draft: Draft, block: Block): Node {
  const { fields } = block;
  const capacity = readResources(draft, "status.capacity", fields.get("capacity"));
  const allocatable = readResources(draft, "status.allocatable", fields.get("allocatable"));
  const addresses = lowerFields(draft, "", fields, addressFields).status as NodeStatus | undefined;
  const status = compact<NodeStatus>({
    capacity: capacity && { ...capacity, pods: capacity.pods ?? defaultPods },
    allocatable: allocatable && { pods: defaultPods, ...capacity, ...allocatable },
    ...addresses,
  });
  const ranges = readList(draft, "spec.podCIDRs", fields.get("podRange"), readText);
  return compact<Node>({
    apiVersion: "v1",
    kind: "Node",
    metadata: metadata(draft, block, { labels: { [hostnameLabel]: draft.handle.name } }),
    spec: compact({
      taints: readList(draft, "spec.taints", fields.get("taints"), readTaint),
      unschedulable: readBoolean(draft, "spec.unschedulable", fields.get("unschedulable")) || undefined,
      podCIDR: ranges?.[0],
      podCIDRs: ranges,
      providerID: readText(draft, "spec.providerID", fields.get("providerID")),
    }),
    status: Object.keys(status).length > 0 ? status : undefined,
  });
}

const addressFields = { addresses: node.fields.addresses! };

function readTaint(draft: Draft, path: FieldPath, field: FieldValue): Taint {
  mark(draft, path, field.span);
  const fields = fieldsOf(draft, field);
  return compact<Taint>({
    key: readText(draft, child(path, "key"), fields.get("key")) ?? "",
    value: readText(draft, child(path, "value"), fields.get("value")) || undefined,
    effect: readText(draft, child(path, "effect"), fields.get("effect")) as Taint["effect"],
  });
}

// ── Config and secret ──────────────────────────────────────────────────────────────────────────────────────

/** Keys and their values: those in the block itself, and in `data` those that are words of the block. */
function dataFields(draft: Draft, block: Block, words: BlockSchema["fields"]): [string, FieldValue][] {
  const own = [...block.fields].filter(([key, field]) => !Object.hasOwn(words, key) && present(field));
  const others = [...fieldsOf(draft, block.fields.get("data"))].filter(([, field]) => present(field));
  for (const [key, { keySpan }] of others) {
    if (Object.hasOwn(words, key)) continue;
    const fixes = help(`write \`${key}: …\` in the ${block.word} itself`);
    report(draft, keyInData(keySpan, { key, word: block.word }, { fixes }));
  }
  return [...own, ...others];
}

function lowerConfig(draft: Draft, block: Block): ConfigMap {
  const data: [string, string][] = [];
  for (const [key, field] of dataFields(draft, block, config.fields)) {
    const text = readText(draft, child("data", key), field);
    if (text !== undefined) data.push([key, text]);
  }
  return compact<ConfigMap>({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: metadata(draft, block),
    data: data.length > 0 ? Object.fromEntries(data) : undefined,
    binaryData: readTextMap(draft, "binaryData", block.fields.get("binaryData")),
    immutable: readBoolean(draft, "immutable", block.fields.get("immutable")),
  });
}

/** Without data: the plan holds only where each value comes from. */
function lowerSecret(draft: Draft, block: Block): Secret {
  const { lowering, key: object } = draft;
  for (const [key, { value, span }] of dataFields(draft, block, secret.fields)) {
    mark(draft, child("data", key), span);
    const source = value.kind === "late" ? value.source : undefined;
    if (source?.from === "env") enter(lowering.secrets, object, key, { env: source.name });
    else if (source?.from === "file")
      enter(lowering.secrets, object, key, { file: lowering.resolve(span, source.path) });
    else if (source)
      report(
        draft,
        lateHere(
          span,
          { what: describeLate(source) },
          { fixes: help('say where the value comes from: `env("NAME")` or `file("./path")`') },
        ),
      );
  }
  return compact<Secret>({
    apiVersion: "v1",
    kind: "Secret",
    metadata: metadata(draft, block),
    type: readText(draft, "type", block.fields.get("type")) ?? "Opaque",
    immutable: readBoolean(draft, "immutable", block.fields.get("immutable")),
  });
}

// ── Service ────────────────────────────────────────────────────────────────────────────────────────────────

const serviceTypes: Readonly<Record<string, NonNullable<ServiceSpec["type"]>>> = {
  node: "NodePort",
  balancer: "LoadBalancer",
  alias: "ExternalName",
};

/** From where a service is reached: by which kind of service, and what is said beside. */
interface Exposure {
  readonly how: string;
  readonly span: Span | undefined;
  readonly of: (form: string, argument: string) => FieldValue | undefined;
}

/** `expose`: one form, or one and `external` addresses. */
function readExposure(draft: Draft, field: FieldValue | undefined): Exposure {
  const given = present(field);
  const forms = new Map<string, FieldMap>();
  let how: string | undefined;
  for (const value of given?.value.kind === "list" ? given.value.items : given ? [given.value] : []) {
    if (value.kind !== "variant") continue;
    const { name } = value;
    const clash = [...forms.keys()].find((one) => one === name || one === "alias" || name === "alias") ?? how;
    if (clash !== undefined && (name !== "external" || clash === "alias" || clash === "external")) {
      const fixes = help("leave one of them, or declare a service for each");
      report(draft, exposedAs(given!.span, { one: clash, other: name }, { fixes }));
    }
    if (name !== "external") how = name;
    forms.set(name, fieldsOf(draft, { ...given!, value }));
  }
  if (given) mark(draft, "spec.type", given.span);
  if (given && how === "headless") mark(draft, "spec.clusterIP", given.span);
  return {
    how: how ?? "cluster",
    span: given?.span,
    of: (form, argument) => present(forms.get(form)?.get(argument)),
  };
}

function lowerService(draft: Draft, block: Block): Service {
  const { fields } = block;
  const exposure = readExposure(draft, fields.get("expose"));
  const { how } = exposure;
  const affinity = present(fields.get("affinity"));
  if (affinity) mark(draft, "spec.sessionAffinity", affinity.span);
  const timeout = readSeconds(
    draft,
    "spec.sessionAffinityConfig.clientIP.timeoutSeconds",
    fields.get("affinityTimeout"),
  );
  const select = present(fields.get("select"));
  const selector = cast(draft, [select], (of, own) => selected(of, select && own(select)));
  const addresses = lowerAddresses(draft, fields.get("address"));
  const traffic = (name: string) =>
    readText(draft, `spec.${name}Policy`, fields.get(name)) as "Cluster" | "Local" | undefined;
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: metadata(draft, block),
    spec: compact<ServiceSpec>({
      type: serviceTypes[how] ?? "ClusterIP",
      selector,
      ports: lowerServicePorts(draft, block, exposure),
      ...(how === "headless" ? { clusterIP: "None" } : addresses),
      externalIPs: readList(draft, "spec.externalIPs", exposure.of("external", "addresses"), readText),
      externalName: readText(draft, "spec.externalName", exposure.of("alias", "host")),
      loadBalancerIP: readText(draft, "spec.loadBalancerIP", exposure.of("balancer", "address")),
      sessionAffinity: affinity ? "ClientIP" : undefined,
      sessionAffinityConfig: timeout === undefined ? undefined : { clientIP: { timeoutSeconds: timeout } },
      publishNotReadyAddresses:
        readBoolean(draft, "spec.publishNotReadyAddresses", fields.get("publishNotReady")) || undefined,
      internalTrafficPolicy: traffic("internalTraffic"),
      externalTrafficPolicy: traffic("externalTraffic"),
      ...(lowerFields(draft, "", fields, serviceFieldsAsInKubernetes).spec as object | undefined),
    }),
  };
}

/** The labels that a `select` means, each written where that stands. */
function selected(draft: Draft, select: FieldValue | undefined): Labels | undefined {
  const selector = readSelector(draft, "spec.selector", select);
  if (select) markLabels(draft, "spec.selector", selector, select.span);
  return selector;
}

/** One address, or one for each family of addresses, of which the first is the main one. */
function lowerAddresses(draft: Draft, field: FieldValue | undefined): Partial<ServiceSpec> {
  const given = present(field);
  if (given?.value.kind !== "list") return compact({ clusterIP: readText(draft, "spec.clusterIP", given) });
  const clusterIPs = readList(draft, "spec.clusterIPs", given, readText);
  mark(draft, "spec.clusterIP", given.span);
  return compact({ clusterIP: clusterIPs?.[0], clusterIPs });
}

function lowerServicePorts(draft: Draft, block: Block, { how, of }: Exposure): ServicePort[] | undefined {
  const blocks = block.members.filter(({ word }) => word === "port");
  const ports = blocks.map((port, index) => lowerServicePort(draft, item("spec.ports", index), port));
  const nodePort = of("node", "port");
  if (nodePort) {
    const [only] = ports;
    if (ports.length !== 1 || only === undefined)
      report(
        draft,
        whichPort(
          nodePort.span,
          { name: draft.handle.name, ports: ports.length },
          { fixes: help("write `expose: node` and `{ node: … }` at each port that is to have one") },
        ),
      );
    else ports[0] = { ...only, nodePort: readInteger(draft, "spec.ports[0].nodePort", nodePort) };
  }
  if (how !== "node" && how !== "balancer") {
    const written = blocks
      .map(({ fields }) => present(fields.get("node")))
      .find((field) => field !== undefined);
    if (written)
      report(
        draft,
        notOnNodes(
          written.span,
          { name: draft.handle.name },
          { fixes: help("add `expose: node` to the service") },
        ),
      );
  }
  return ports.length > 0 ? ports : undefined;
}

function lowerServicePort(draft: Draft, path: FieldPath, block: Block): ServicePort {
  mark(draft, path, block.span);
  if (block.name !== undefined) mark(draft, child(path, "name"), block.span);
  const { fields } = block;
  const port = readInteger(draft, child(path, "port"), block.value) ?? 0;
  return compact<ServicePort>({
    name: block.name,
    protocol: readText(draft, child(path, "protocol"), fields.get("protocol")) as ServicePort["protocol"],
    appProtocol: readText(draft, child(path, "appProtocol"), fields.get("appProtocol")),
    port,
    targetPort: readPort(draft, child(path, "targetPort"), block.target) ?? port,
    nodePort: readInteger(draft, child(path, "nodePort"), fields.get("node")),
  });
}

// ── Replication controller and pod ─────────────────────────────────────────────────────────────────────────

function lowerReplicationController(draft: Draft, block: Block): ReplicationController {
  const { fields } = block;
  const pod = block.members.find(({ word }) => word === "pod") ?? {
    ...block,
    word: "pod",
    fields: new Map(),
    members: [],
  };
  const template = lowerPod(draft, "spec.template", pod);
  const select = present(fields.get("select"));
  const identity = present(identityOf(block));
  const selector = select
    ? readSelector(draft, "spec.selector", select)
    : readTextMapAt(draft, "spec.selector", identity);
  const span = select?.span ?? identity?.span;
  if (span) markLabels(draft, "spec.selector", selector, span);
  const mistaken = identityOf(block)?.value.kind === "error" || fields.get("select")?.value.kind === "error";
  if (!select && !mistaken && Object.keys(selector ?? {}).length === 0)
    report(
      draft,
      identityMissing(
        pod.span,
        { name: draft.handle.name },
        {
          fixes: help(
            `write \`identity: { app: "${draft.handle.name}" }\` in its pod, with \`label app\` at the top of the file`,
          ),
        },
      ),
    );
  const replicas = readInteger(draft, "spec.replicas", fields.get("replicas"));
  lowerUpdate(draft, fields.get("update"), replicas ?? 1);
  return {
    apiVersion: "v1",
    kind: "ReplicationController",
    metadata: metadata(draft, block),
    spec: compact<ReplicationController["spec"]>({
      replicas,
      minReadySeconds: readSeconds(draft, "spec.minReadySeconds", fields.get("minReady")) || undefined,
      selector,
      template,
    }),
  };
}

/** A selector is the identity read a second time: its texts' references have been noted at the labels. */
function readTextMapAt(draft: Draft, path: FieldPath, field: FieldValue | undefined): Labels | undefined {
  if (field) mark(draft, path, field.span);
  return readTextMap(draft, path, field);
}

/** How live pods are replaced. Shares are of `replicas`; a surge rounds up and the unavailable down (Kubernetes' Deployments). */
function lowerUpdate(draft: Draft, field: FieldValue | undefined, replicas: number): void {
  const given = present(field);
  if (!given) return;
  mark(draft, "update", given.span);
  if (given.value.kind === "variant") {
    draft.lowering.updates.set(draft.key, "never");
    return;
  }
  const fields = fieldsOf(draft, given);
  const surge = share(present(fields.get("surge"))?.value, replicas, true) ?? 1;
  const unavailable = share(present(fields.get("unavailable"))?.value, replicas, false) ?? 0;
  // With neither there would be no way to begin.
  draft.lowering.updates.set(draft.key, {
    surge,
    unavailable: surge === 0 ? Math.max(1, unavailable) : unavailable,
  });
}

function share(value: Value | undefined, replicas: number, up: boolean): number | undefined {
  if (value?.kind === "number") return Number(ceiling(value.value));
  if (value?.kind !== "quantity") return undefined;
  const { numerator, denominator } = value.value;
  const total = numerator * BigInt(replicas);
  return Number(up ? ceiling({ numerator: total, denominator }) : total / denominator);
}

function lowerPodObject(draft: Draft, block: Block): Pod {
  const { metadata: own, spec } = lowerPod(draft, "", block);
  const { name, namespace } = draft.handle;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: compact<ObjectMeta>({ name, namespace, ...own }),
    spec,
  };
}
