import type { Container, PodSpec } from "../../../model/core.ts";
import { isServed, type KubernetesObject, keyOf } from "../../../model/meta.ts";
import { dataUnused } from "../../diagnostics/catalog/pods.ts";
import { type Cluster, titleOf } from "../cluster.ts";
import { advise } from "../fixes.ts";
import type { Rule } from "../rule.ts";

/** Says that a config or secret is read by something that the file does not show. */
export const readByAnnotation = "kdsl.dev/read-by";

/** Configs and secrets that nobody reads. */
export const unusedData: Rule = (cluster, tell) => {
  const candidates = cluster.plan.objects.filter(isPlainData);
  // A file of data alone is read by what stands in others.
  if (candidates.length === 0 || cluster.workloads.length === 0) return;
  // By kind and namespace.
  const read = new Map<string, Set<string>>();
  const readIn = (kind: string, namespace: string) => {
    const key = `${kind}/${namespace}`;
    let names = read.get(key);
    if (!names) read.set(key, (names = new Set()));
    return names;
  };
  let here: string | undefined;
  let names = { ConfigMap: new Set<string>(), Secret: new Set<string>() };
  const add: Add = (kind, name = "") => names[kind].add(name);
  for (const { namespace, containers, spec } of cluster.workloads) {
    if (namespace !== here) {
      here = namespace;
      names = { ConfigMap: readIn("ConfigMap", namespace), Secret: readIn("Secret", namespace) };
    }
    for (const { container } of containers) ofContainer(container, add);
    ofPod(spec, add);
  }
  const elsewhere = namesInOthers(cluster);
  for (const object of candidates) {
    const { name, namespace = "" } = object.metadata;
    if (readIn(object.kind, namespace).has(name) || elsewhere.has(name)) continue;
    tell(
      dataUnused(
        cluster.near(keyOf(object)),
        { what: titleOf(object) },
        {
          fixes: [
            advise(
              'read it in a container, or remove it; if a program reads it through the API, say so: `annotations: { "kdsl.dev/read-by": "…" }`',
            ),
          ],
        },
      ),
    );
  }
};

/** Secrets of other types are read by the cluster itself: certificates, tokens, what images are fetched with. */
function isPlainData(object: KubernetesObject): boolean {
  if (object.kind !== "ConfigMap" && object.kind !== "Secret") return false;
  const { annotations, ownerReferences } = object.metadata;
  if (annotations?.[readByAnnotation] !== undefined || ownerReferences) return false;
  const { type = "Opaque" } = object as { type?: string };
  return object.kind === "ConfigMap" || type === "Opaque";
}

type Add = (kind: "ConfigMap" | "Secret", name: string | undefined) => void;

function ofContainer({ env = [], envFrom = [] }: Container, add: Add): void {
  for (const { valueFrom } of env) {
    if (!valueFrom) continue;
    if (valueFrom.configMapKeyRef) add("ConfigMap", valueFrom.configMapKeyRef.name);
    if (valueFrom.secretKeyRef) add("Secret", valueFrom.secretKeyRef.name);
  }
  for (const { configMapRef, secretRef } of envFrom) {
    if (configMapRef) add("ConfigMap", configMapRef.name);
    if (secretRef) add("Secret", secretRef.name);
  }
}

interface Projected {
  readonly projected?: {
    readonly sources?: readonly {
      readonly configMap?: { name?: string };
      readonly secret?: { name?: string };
    }[];
  };
}

function ofPod(spec: PodSpec, add: Add): void {
  for (const volume of spec.volumes ?? []) {
    if (volume.configMap) add("ConfigMap", volume.configMap.name);
    if (volume.secret) add("Secret", volume.secret.secretName);
    for (const { configMap, secret } of (volume as Projected).projected?.sources ?? []) {
      if (configMap) add("ConfigMap", configMap.name);
      if (secret) add("Secret", secret.name);
    }
    if (volume.configMap || volume.emptyDir || volume.hostPath) continue;
    // Drivers of other volumes take secrets too, under many names.
    const rest = JSON.stringify(volume);
    for (const [, name] of rest.matchAll(/"secret(?:Ref|Name)?":(?:\{"name":)?"([^"]+)"/g))
      add("Secret", name);
  }
  for (const { name } of spec.imagePullSecrets ?? []) add("Secret", name);
}

/** Every text in objects whose kinds are not looked into here, such as an Ingress or an account. */
function namesInOthers(cluster: Cluster): Set<string> {
  const texts = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value === "string") texts.add(value);
    else if (typeof value === "object" && value !== null)
      for (const inner of Object.values(value)) visit(inner);
  };
  for (const object of cluster.plan.objects) if (!isServed(object)) visit({ ...object, metadata: undefined });
  return texts;
}
