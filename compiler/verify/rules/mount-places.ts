import type { ConfigMap, Secret, Volume, VolumeMount } from "../../../model/core.ts";
import { objectKey } from "../../../model/meta.ts";
import { claimShared, mountHides, mountInReadonly, subPathMissing } from "../../diagnostics/catalog/pods.ts";
import type { Cluster, PlacedContainer, Workload } from "../cluster.ts";
import { mayHaveTwice } from "../few.ts";
import { advise, didYouMean, narrow } from "../fixes.ts";
import type { Rule, Tell } from "../rule.ts";
import { join, quote } from "../words.ts";
import { keysOf } from "./data-references.ts";
import { normalPath } from "./mounts.ts";

/** What mounts do to what is there already, and what they need to be there. */
export const mountPlaces: Rule = (cluster, tell) => {
  for (const workload of cluster.workloads) {
    if ((workload.spec.volumes ?? []).length === 0) continue;
    let volumes: ReadonlyMap<string, Volume> | undefined;
    for (const placed of workload.containers) {
      if (standAlone(placed.container.volumeMounts ?? [])) continue;
      volumes ??= new Map(workload.spec.volumes?.map((volume) => [volume.name, volume]));
      places(cluster, workload, placed, volumes, tell);
    }
    claims(cluster, workload, tell);
  }
};

const system = new Set([
  "/bin",
  "/sbin",
  "/lib",
  "/lib64",
  "/usr",
  "/usr/bin",
  "/usr/lib",
  "/etc",
  "/dev",
  "/proc",
  "/sys",
]);

/** Whether a container's mounts have nothing to do with each other or with what the image holds. */
function standAlone(mounts: readonly VolumeMount[]): boolean {
  for (const { mountPath, subPath } of mounts) if (subPath || system.has(normalPath(mountPath))) return false;
  return mounts.length < 2 || !mayHaveTwice(mounts, holdsOther);
}

function holdsOther(one: VolumeMount, other: VolumeMount): boolean {
  const [here, there] = [normalPath(one.mountPath), normalPath(other.mountPath)];
  return here === there || here.startsWith(`${there}/`) || there.startsWith(`${here}/`);
}

function places(
  cluster: Cluster,
  workload: Workload,
  { container, path }: PlacedContainer,
  volumes: ReadonlyMap<string, Volume>,
  tell: Tell,
): void {
  const mounts = container.volumeMounts ?? [];
  for (const [index, mount] of mounts.entries()) {
    const at = `${path}.volumeMounts[${index}]`;
    const volume = volumes.get(mount.name);
    const here = normalPath(mount.mountPath);
    const span = () => cluster.near(workload.key, `${at}.mountPath`);
    // The node's own directory under its own name is what is wanted there.
    if (
      system.has(here) &&
      !mount.subPath &&
      volume &&
      volume.hostPath?.path !== here &&
      container.image !== "host"
    )
      tell(
        mountHides(
          span(),
          { container: container.name, path: here },
          { fixes: [advise(`mount into a directory below it, such as \`${here}/${mount.name}\``)] },
        ),
      );
    const files = volume && filesOf(cluster, workload, volume);
    if (
      volume &&
      files &&
      mount.subPath &&
      !files.some((file) => file === mount.subPath || file.startsWith(`${mount.subPath}/`))
    ) {
      const place = narrow(cluster.near(workload.key, `${at}.subPath`), mount.subPath);
      const meant = didYouMean(mount.subPath, files, place);
      tell(
        subPathMissing(
          place,
          { volume: mount.name, path: mount.subPath },
          {
            notes: files.length > 0 ? [`it has ${join(files.map(quote))}`] : [],
            fixes: meant ? [meant.fix] : [],
          },
        ),
      );
    }
    if (!files || mount.subPath) continue;
    for (const [other, inner] of mounts.entries()) {
      const below = normalPath(inner.mountPath);
      if (!below.startsWith(`${here}/`)) continue;
      const relative = below.slice(here.length + 1);
      if (files.some((file) => file === relative || file.startsWith(`${relative}/`))) continue;
      tell(
        mountInReadonly(
          cluster.near(workload.key, `${path}.volumeMounts[${other}].mountPath`),
          { path: below, outer: here, volume: mount.name },
          {
            secondary: [{ span: span(), text: `\`${mount.name}\` stands around it` }],
            fixes: [advise("mount the two beside each other")],
          },
        ),
      );
    }
  }
}

/** The files of a config's or secret's volume; undefined for others, and where they cannot be known. */
function filesOf(
  cluster: Cluster,
  workload: Workload,
  { configMap, secret }: Volume,
): readonly string[] | undefined {
  const source = configMap ?? secret;
  if (!source || source.optional === true) return undefined;
  if (source.items) return source.items.map((each) => each.path);
  const name = configMap?.name ?? secret?.secretName ?? "";
  const key = objectKey(configMap ? "ConfigMap" : "Secret", workload.namespace, name);
  const object = cluster.byKey.get(key) as ConfigMap | Secret | undefined;
  return object && keysOf(cluster, key, object);
}

interface ClaimVolume {
  readonly persistentVolumeClaim?: { readonly claimName?: string };
}

function claims(cluster: Cluster, workload: Workload, tell: Tell): void {
  if (workload.replicas < 2 || cluster.nodes.length === 1) return;
  const volumes = workload.spec.volumes ?? [];
  for (let index = 0; index < volumes.length; index++) {
    const volume = volumes[index]!;
    const claim = (volume as ClaimVolume).persistentVolumeClaim?.claimName;
    if (claim === undefined) continue;
    const object = cluster.byKey.get(objectKey("PersistentVolumeClaim", workload.namespace, claim)) as
      | { spec?: { accessModes?: readonly string[] } }
      | undefined;
    const modes = object?.spec?.accessModes ?? [];
    if (modes.length === 0 || modes.some((mode) => !/^ReadWriteOnce/.test(mode))) continue;
    tell(
      claimShared(cluster.near(workload.key, `${workload.specPath}.volumes[${index}]`), {
        title: workload.title,
        claim,
        replicas: workload.replicas,
      }),
    );
  }
}
