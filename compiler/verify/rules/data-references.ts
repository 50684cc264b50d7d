import type { ConfigMap, Secret } from "../../../model/core.ts";
import { objectKey } from "../../../model/meta.ts";
import type { FieldPath } from "../../../model/plan.ts";
import { dataMissing, keyMissing } from "../../diagnostics/catalog/pods.ts";
import { type Cluster, titleOf, type Workload } from "../cluster.ts";
import { advise, didYouMean, narrow } from "../fixes.ts";
import type { Rule, Tell } from "../rule.ts";
import { join, quote } from "../words.ts";

/** Configs and secrets that pods read, as variables or as files: they exist, and have the keys. */
export const dataReferences: Rule = (cluster, tell) => {
  for (const workload of cluster.workloads)
    eachReference(workload, (reference) => check(cluster, workload, reference, tell));
};

interface Reference {
  readonly kind: "ConfigMap" | "Secret";
  readonly name: string;
  readonly path: () => FieldPath;
  readonly keys: readonly { readonly key: string; readonly path: FieldPath }[];
  readonly optional: boolean;
}

function eachReference(workload: Workload, visit: (reference: Reference) => void): void {
  for (const { container, path } of workload.containers) {
    const env = container.env ?? [];
    for (let index = 0; index < env.length; index++) {
      const { valueFrom } = env[index]!;
      const config = valueFrom?.configMapKeyRef;
      const found = config ?? valueFrom?.secretKeyRef;
      if (!found) continue;
      const kind = config ? "ConfigMap" : "Secret";
      const inner = `${path}.env[${index}].valueFrom.${config ? "configMapKeyRef" : "secretKeyRef"}`;
      const keys = [{ key: found.key, path: `${inner}.key` }];
      visit({ kind, name: found.name, path: () => inner, keys, optional: found.optional === true });
    }
    for (const [index, source] of (container.envFrom ?? []).entries()) {
      const found = source.configMapRef ?? source.secretRef;
      if (!found) continue;
      const kind = source.configMapRef ? "ConfigMap" : "Secret";
      const at = () => `${path}.envFrom[${index}]`;
      visit({ kind, name: found.name, path: at, keys: [], optional: found.optional === true });
    }
  }
  const volumes = workload.spec.volumes ?? [];
  for (let index = 0; index < volumes.length; index++) {
    const { configMap, secret } = volumes[index]!;
    const source = configMap ?? secret;
    if (!source) continue;
    const path = () => `${workload.specPath}.volumes[${index}].${configMap ? "configMap" : "secret"}`;
    visit({
      kind: configMap ? "ConfigMap" : "Secret",
      name: configMap?.name ?? secret?.secretName ?? "",
      path,
      keys: source.items?.map(({ key }, at) => ({ key, path: `${path()}.items[${at}]` })) ?? [],
      optional: source.optional === true,
    });
  }
}

function check(cluster: Cluster, workload: Workload, reference: Reference, tell: Tell): void {
  if (reference.optional) return;
  const { kind, name } = reference;
  const key = objectKey(kind, workload.namespace, name);
  const object = cluster.byKey.get(key);
  const word = kind === "ConfigMap" ? "config" : "secret";
  if (!object && cluster.plan.external?.[key]) return; // outside: its keys were looked at where they are read
  if (!object) {
    const there = cluster.plan.objects.filter(
      (each) => each.kind === kind && each.metadata.namespace === workload.namespace,
    );
    const span = cluster.near(workload.key, reference.path());
    const meant = didYouMean(
      name,
      there.map((each) => each.metadata.name),
      span,
    );
    tell(
      dataMissing(
        span,
        { title: workload.title, what: `${word} \`${name}\`` },
        { fixes: [meant?.fix ?? advise(`declare it: \`${word} ${name} { … }\``)] },
      ),
    );
    return;
  }
  if (reference.keys.length === 0) return;
  const keys = keysOf(cluster, key, object as ConfigMap | Secret);
  for (const each of reference.keys) {
    if (keys.includes(each.key)) continue;
    const span = narrow(cluster.near(workload.key, each.path), each.key);
    const meant = didYouMean(each.key, keys, span);
    tell(
      keyMissing(
        span,
        { what: titleOf(object), key: each.key },
        {
          secondary: [
            {
              span: cluster.near(key),
              text: keys.length > 0 ? `has ${join(keys.map(quote))}` : "has no keys",
            },
          ],
          fixes: meant ? [meant.fix] : [],
        },
      ),
    );
  }
}

export function keysOf(cluster: Cluster, key: string, object: ConfigMap | Secret): string[] {
  const own = { ...object.data, ...("binaryData" in object ? object.binaryData : {}) };
  const given = object.kind === "Secret" ? { ...object.stringData, ...cluster.plan.secrets[key] } : {};
  return Object.keys({ ...own, ...given });
}
