import type { PodSpec } from "../../model/core.ts";
import { type KubernetesObject, keyOf, type ObjectKey, objectKey } from "../../model/meta.ts";
import type { Plan, TextPart } from "../../model/plan.ts";
import { recordSpans } from "../plan/spans.ts";
import { type Cluster, clusterOf, wordOf } from "../verify/cluster.ts";

interface Edge {
  readonly from: ObjectKey;
  readonly to: ObjectKey;
  readonly text: string;
  /** What is only waited for or read is drawn dotted. */
  readonly dotted: boolean;
}

/** `--emit graph`: the objects of a plan and what joins them, as a Mermaid flowchart that Markdown viewers draw. */
export function emitGraph(plan: Plan): string {
  const cluster = clusterOf(plan, recordSpans());
  const drawn = plan.objects.filter(({ kind }) => kind !== "Node" && kind !== "Namespace");
  const names = new Map(drawn.map((object, index) => [keyOf(object), `n${index}`]));
  const edges = [...selections(cluster), ...uses(cluster), ...hosts(plan), ...waits(plan)];
  const told = new Set<string>();
  const lines = drawn.map((object) => `  ${names.get(keyOf(object))}${shape(object)}`);
  for (const { from, to, text, dotted } of edges) {
    const [start, end] = [names.get(from), names.get(to)];
    const arrow = dotted ? "-.->" : "-->";
    const line = `  ${start} ${arrow}|${text}| ${end}`;
    if (!start || !end || told.has(line)) continue;
    told.add(line);
    lines.push(line);
  }
  return `flowchart LR\n${lines.map((line) => `${line}\n`).join("")}`;
}

/** Services are rounded, what is read is a cylinder, all else a box. */
function shape(object: KubernetesObject): string {
  const { name, namespace } = object.metadata;
  const where = namespace === undefined || namespace === "default" ? "" : `${namespace}.`;
  const count = object.kind === "ReplicationController" ? ` × ${replicasOf(object)}` : "";
  const text = JSON.stringify(`${wordOf(object.kind)} ${where}${name}${count}`);
  if (object.kind === "Service") return `([${text}])`;
  return object.kind === "ConfigMap" || object.kind === "Secret" ? `[(${text})]` : `[${text}]`;
}

const replicasOf = (object: KubernetesObject): number =>
  (object as { spec?: { replicas?: number } }).spec?.replicas ?? 1;

function selections({ services, matching }: Cluster): Edge[] {
  return services.flatMap(({ key, object, namespace }) => {
    const ports = object.spec?.ports?.map(({ port }) => port).join(", ") ?? "";
    const selector = object.spec?.selector;
    if (!selector || Object.keys(selector).length === 0) return [];
    return matching(namespace, selector).map((workload) => ({
      from: key,
      to: workload.key,
      text: ports === "" ? "selects" : ports,
      dotted: false,
    }));
  });
}

/** Configs and secrets that pods mount or take their environment from. */
function uses({ workloads }: Cluster): Edge[] {
  return workloads.flatMap((workload) => {
    const { key, namespace, spec } = workload;
    const to = (kind: string, name: string | undefined, text: string): Edge[] =>
      name === undefined ? [] : [{ from: key, to: objectKey(kind, namespace, name), text, dotted: true }];
    const volumes = (spec.volumes ?? []).flatMap((volume: NonNullable<PodSpec["volumes"]>[number]) => [
      ...to("ConfigMap", volume.configMap?.name, "mounts"),
      ...to("Secret", volume.secret?.secretName, "mounts"),
    ]);
    const variables = workload.containers.flatMap(({ container }) => [
      ...(container.env ?? []).flatMap(({ valueFrom }) => [
        ...to("ConfigMap", valueFrom?.configMapKeyRef?.name, "reads"),
        ...to("Secret", valueFrom?.secretKeyRef?.name, "reads"),
      ]),
      ...(container.envFrom ?? []).flatMap((source) => [
        ...to("ConfigMap", source.configMapRef?.name, "reads"),
        ...to("Secret", source.secretRef?.name, "reads"),
      ]),
    ]);
    return [...volumes, ...variables];
  });
}

/** Services whose host name or port stands in a text of an object. */
function hosts({ references }: Plan): Edge[] {
  const target = (part: TextPart): ObjectKey[] =>
    typeof part === "string" ? [] : ["host" in part ? part.host : part.service];
  return Object.entries(references).flatMap(([from, texts]) =>
    Object.values(texts)
      .flat()
      .flatMap(target)
      .map((to) => ({ from, to, text: "calls", dotted: false })),
  );
}

function waits({ after }: Plan): Edge[] {
  return Object.entries(after).flatMap(([from, earlier]) =>
    earlier.map((to) => ({ from, to, text: "after", dotted: true })),
  );
}
