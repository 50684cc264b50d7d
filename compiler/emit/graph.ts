import type { PodSpec } from "../../model/core.ts";
import { type KubernetesObject, keyOf, type ObjectKey, objectKey } from "../../model/meta.ts";
import type { Plan, TextPart } from "../../model/plan.ts";
import { mapMatches } from "../../model/selector.ts";
import { recordSpans } from "../plan/spans.ts";
import { type Cluster, clusterOf, wordOf } from "../verify/cluster.ts";

interface Edge {
  readonly from: ObjectKey;
  readonly to: ObjectKey;
  readonly text: string;
  /** What is only waited for or read is drawn dotted. */
  readonly dotted: boolean;
}

/** What is drawn: an object of the plan, or one that lives outside. */
interface Drawn {
  readonly key: ObjectKey;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string | undefined;
  /** Behind the name. */
  readonly count: string;
  readonly outside: boolean;
}

/**
 * `--emit graph`: the objects of a plan and what joins them, as a Mermaid flowchart that Markdown viewers draw. What lives outside of
 * the plan has a dashed border.
 */
export function emitGraph(plan: Plan): string {
  const cluster = clusterOf(plan, recordSpans());
  const drawn = [...plan.objects.map(inside), ...Object.keys(plan.external ?? {}).map(outside)].filter(
    ({ kind }) => kind !== "Node" && kind !== "Namespace",
  );
  const names = new Map(drawn.map(({ key }, index) => [key, `n${index}`]));
  const edges = [
    ...selections(cluster),
    ...uses(cluster),
    ...hosts(plan),
    ...outsideHosts(cluster),
    ...waits(plan),
  ];
  const told = new Set<string>();
  const lines = drawn.map((each) => `  ${names.get(each.key)}${shape(each)}`);
  for (const { from, to, text, dotted } of edges) {
    const [start, end] = [names.get(from), names.get(to)];
    const arrow = dotted ? "-.->" : "-->";
    const line = `  ${start} ${arrow}|${text}| ${end}`;
    if (!start || !end || told.has(line)) continue;
    told.add(line);
    lines.push(line);
  }
  const beyond = drawn.filter((each) => each.outside).map(({ key }) => names.get(key));
  if (beyond.length > 0) {
    lines.push("  classDef external stroke-dasharray: 4");
    lines.push(`  class ${beyond.join(",")} external`);
  }
  return `flowchart LR\n${lines.map((line) => `${line}\n`).join("")}`;
}

const inside = (object: KubernetesObject): Drawn => ({
  key: keyOf(object),
  kind: object.kind,
  name: object.metadata.name,
  namespace: object.metadata.namespace,
  count: object.kind === "ReplicationController" ? ` × ${replicasOf(object)}` : "",
  outside: false,
});

function outside(key: ObjectKey): Drawn {
  const [kind, namespace, name] = key.split("/") as [string, string, string];
  return { key, kind, name, namespace, count: "", outside: true };
}

/** What is read or kept is a cylinder. */
const kept: ReadonlySet<string> = new Set(["ConfigMap", "Secret", "PersistentVolumeClaim"]);

/** Services are rounded, what is read or kept is a cylinder, all else a box. */
function shape({ kind, name, namespace, count, outside }: Drawn): string {
  const where = namespace === undefined || namespace === "default" ? "" : `${namespace}.`;
  const text = JSON.stringify(`${outside ? "external " : ""}${wordOf(kind)} ${where}${name}${count}`);
  if (kind === "Service") return `([${text}])`;
  return kept.has(kind) ? `[(${text})]` : `[${text}]`;
}

const replicasOf = (object: KubernetesObject): number =>
  (object as { spec?: { replicas?: number } }).spec?.replicas ?? 1;

function selections({ services, matching, plan }: Cluster): Edge[] {
  const foreign = Object.entries(plan.external ?? {}).flatMap(([key, { labels }]) =>
    labels ? [{ key, namespace: key.split("/")[1]!, labels }] : [],
  );
  return services.flatMap(({ key, object, namespace }) => {
    const ports = object.spec?.ports?.map(({ port }) => port).join(", ") ?? "";
    const selector = object.spec?.selector;
    if (!selector || Object.keys(selector).length === 0) return [];
    const selected = [
      ...matching(namespace, selector),
      ...foreign.filter((pod) => pod.namespace === namespace && mapMatches(selector, pod.labels)),
    ];
    return selected.map((pods) => ({
      from: key,
      to: pods.key,
      text: ports === "" ? "selects" : ports,
      dotted: false,
    }));
  });
}

/** Configs, secrets and claims that pods mount or take their environment from, and the accounts that they act as. */
function uses({ workloads }: Cluster): Edge[] {
  return workloads.flatMap((workload) => {
    const { key, namespace, spec } = workload;
    const to = (kind: string, name: string | undefined, text: string): Edge[] =>
      name === undefined ? [] : [{ from: key, to: objectKey(kind, namespace, name), text, dotted: true }];
    const volumes = (spec.volumes ?? []).flatMap((volume: NonNullable<PodSpec["volumes"]>[number]) => [
      ...to("ConfigMap", volume.configMap?.name, "mounts"),
      ...to("Secret", volume.secret?.secretName, "mounts"),
      ...to("PersistentVolumeClaim", volume.persistentVolumeClaim?.claimName, "mounts"),
      ...(volume.projected?.sources ?? []).flatMap((source) => [
        ...to("ConfigMap", source.configMap?.name, "mounts"),
        ...to("Secret", source.secret?.name, "mounts"),
      ]),
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
    const pulls = (spec.imagePullSecrets ?? []).flatMap(({ name }) => to("Secret", name, "pulls with"));
    return [...volumes, ...variables, ...to("ServiceAccount", spec.serviceAccountName, "acts as"), ...pulls];
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

/** Services outside, whose host names stand as plain text in what calls them. */
function outsideHosts({ plan, workloads }: Cluster): Edge[] {
  const services = Object.entries(plan.external ?? {}).flatMap(([key, { host }]) => {
    const [kind, namespace, name] = key.split("/");
    return kind === "Service" ? [{ key, host: host ?? `${name}.${namespace}` }] : [];
  });
  if (services.length === 0) return [];
  return workloads.flatMap(({ key, spec }) => {
    const names = new Set(JSON.stringify(spec).match(/[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?/gi));
    const called = services.filter(({ host }) => names.has(host));
    return called.map((service) => ({ from: key, to: service.key, text: "calls", dotted: false }));
  });
}

function waits({ after }: Plan): Edge[] {
  return Object.entries(after).flatMap(([from, earlier]) =>
    earlier.map((to) => ({ from, to, text: "after", dotted: true })),
  );
}
