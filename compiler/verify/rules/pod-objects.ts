import { objectKey } from "../../../model/meta.ts";
import type { FieldPath } from "../../../model/plan.ts";
import { podObjectMissing } from "../../diagnostics/catalog/pods.ts";
import type { SourceFile } from "../../source/source.ts";
import { type Cluster, type Workload, wordOf } from "../cluster.ts";
import { advise, didYouMean } from "../fixes.ts";
import { listAt, textAt } from "../json.ts";
import type { Rule, Tell } from "../rule.ts";

/** Claims, accounts and secrets to fetch images with that pods name: they exist. What a program in KDSL names is looked up earlier; YAML has names alone. */
export const podObjects: Rule = (cluster, tell) => {
  for (const workload of cluster.workloads) {
    const { volumes, serviceAccountName, imagePullSecrets = [] } = workload.spec;
    for (let index = 0; index < imagePullSecrets.length; index++) {
      const { name } = imagePullSecrets[index]!;
      const path = () => `${workload.specPath}.imagePullSecrets[${index}].name`;
      if (name !== undefined) check(cluster, workload, "Secret", name, path, tell);
    }
    for (let index = 0; index < (volumes?.length ?? 0); index++) {
      const name = volumes![index]!.persistentVolumeClaim?.claimName;
      const path = () => `${workload.specPath}.volumes[${index}].persistentVolumeClaim.claimName`;
      if (name !== undefined) check(cluster, workload, "PersistentVolumeClaim", name, path, tell);
    }
    // Every namespace has one of the name `default`.
    if (serviceAccountName !== undefined && serviceAccountName !== "default") {
      const path = () => `${workload.specPath}.serviceAccountName`;
      check(cluster, workload, "ServiceAccount", serviceAccountName, path, tell);
    }
  }
};

function check(
  cluster: Cluster,
  workload: Workload,
  kind: "PersistentVolumeClaim" | "ServiceAccount" | "Secret",
  name: string,
  path: () => FieldPath,
  tell: Tell,
): void {
  const key = objectKey(kind, workload.namespace, name);
  if (cluster.byKey.has(key) || cluster.plan.external?.[key]) return;
  if (kind === "PersistentVolumeClaim" && isMade(cluster, workload.namespace, name)) return;
  const names = cluster.plan.objects
    .filter((each) => each.kind === kind && each.metadata.namespace === workload.namespace)
    .map(({ metadata }) => metadata.name);
  const span = cluster.near(workload.key, path());
  const word = wordOf(kind);
  const meant = didYouMean(name, names, span)?.fix;
  // In KDSL the secret of an image is a reference; what is written as a text there is said to be no part of the program.
  if (kind === "Secret" && !meant && !isManifest(span.file)) return;
  const fix = meant ?? advise(`declare it: \`${word} ${name} { … }\``);
  tell(podObjectMissing(span, { title: workload.title, what: `${word} \`${name}\`` }, { fixes: [fix] }));
}

const isManifest = ({ path }: SourceFile): boolean => path === "stdin" || /\.(?:ya?ml|json)$/i.test(path);

/** Whether a StatefulSet makes the claim for one of its pods: `data-db-0`. */
const isMade = (cluster: Cluster, namespace: string, name: string): boolean =>
  cluster.workloads.some(
    ({ object, ...set }) =>
      object.kind === "StatefulSet" &&
      set.namespace === namespace &&
      listAt(object, "spec", "volumeClaimTemplates").some((claim) => {
        const before = `${textAt(claim, "metadata", "name")}-${set.name}-`;
        return name.startsWith(before) && /^\d+$/.test(name.slice(before.length));
      }),
  );
