import type { Container, Volume, VolumeMount } from "../../../model/core.ts";
import {
  mountPathForm,
  mountPathTwice,
  volumeUndeclared,
  volumeUnused,
} from "../../diagnostics/catalog/pods.ts";
import type { Span } from "../../source/source.ts";
import type { Cluster, Workload } from "../cluster.ts";
import { mayHaveTwice } from "../few.ts";
import { advise, didYouMean, replace } from "../fixes.ts";
import type { Rule, Tell } from "../rule.ts";

/** Volumes and where containers mount them. */
export const mounts: Rule = (cluster, tell) => {
  for (const workload of cluster.workloads) {
    podMounts(cluster, workload, tell);
    unused(cluster, workload, tell);
  }
};

/** Whether there is surely nothing to be said of a container's mounts. */
const isInOrder = (mounts: readonly VolumeMount[], volumes: readonly Volume[]): boolean =>
  mounts.every(
    ({ name, mountPath }) => isOrdinary.test(mountPath) && volumes.some((one) => one.name === name),
  ) && !mayHaveTwice(mounts, isLike);

const isOrdinary = /^(?:\/[^/.:][^/:]*)+$/;

const isLike = (one: VolumeMount, other: VolumeMount) => one.mountPath === other.mountPath;

function podMounts(cluster: Cluster, workload: Workload, tell: Tell): void {
  const declared = workload.spec.volumes ?? [];
  const volumes = declared.map(({ name }) => name);
  for (const { container, path } of workload.containers) {
    if (isInOrder(container.volumeMounts ?? [], declared)) continue;
    const paths = new Map<string, Span>();
    for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
      const at = `${path}.volumeMounts[${index}]`;
      const span = cluster.near(workload.key, `${at}.mountPath`);
      if (!volumes.includes(mount.name)) {
        const nameSpan = cluster.near(workload.key, `${at}.name`);
        const meant = didYouMean(mount.name, volumes, nameSpan);
        const fix = meant?.fix ?? advise(`declare it in the pod: \`volume ${mount.name}: emptyDir\``);
        tell(volumeUndeclared(nameSpan, { container: container.name, volume: mount.name }, { fixes: [fix] }));
      }
      if (!mount.mountPath.startsWith("/")) {
        const absolute = `/${mount.mountPath.replace(/^(?:\.\/)+/, "")}`;
        const fix = replace(`write \`${absolute}\``, span, mount.mountPath, absolute);
        tell(mountPathForm(span, { path: mount.mountPath, why: "is not absolute" }, { fixes: [fix] }));
      } else if (normalPath(mount.mountPath) === "/") {
        tell(
          mountPathForm(span, {
            path: mount.mountPath,
            why: "is the container's root, where its image stands",
          }),
        );
      } else if (mount.mountPath.includes(":")) {
        tell(mountPathForm(span, { path: mount.mountPath, why: "holds a `:`" }));
      }
      const plain = normalPath(mount.mountPath);
      const first = paths.get(plain);
      if (first)
        tell(
          mountPathTwice(
            span,
            { container: container.name, path: plain },
            { secondary: [{ span: first, text: "first here" }] },
          ),
        );
      else paths.set(plain, span);
    }
  }
}

/** The path without what changes nothing: doubled and closing slashes, and single dots. */
export function normalPath(path: string): string {
  if (isNormal.test(path)) return path;
  return `/${path
    .split("/")
    .filter((part) => part !== "" && part !== ".")
    .join("/")}`;
}

const isNormal = /^(?:\/[^/.][^/]*)+$/;

const uses = ({ volumeMounts, volumeDevices }: Container, volume: Volume): boolean =>
  volumeMounts?.some(({ name }) => name === volume.name) === true ||
  volumeDevices?.some(({ name }) => name === volume.name) === true;

function unused(cluster: Cluster, workload: Workload, tell: Tell): void {
  const volumes = workload.spec.volumes ?? [];
  if (volumes.length === 0) return;
  for (let index = 0; index < volumes.length; index++) {
    const volume = volumes[index]!;
    if (workload.containers.some(({ container }) => uses(container, volume))) continue;
    const span = cluster.near(workload.key, `${workload.specPath}.volumes[${index}].name`);
    tell(
      volumeUnused(
        span,
        { volume: volume.name, title: workload.title },
        { fixes: [advise(`mount it in a container: \`mount ${volume.name} at "/path"\``)] },
      ),
    );
  }
}
