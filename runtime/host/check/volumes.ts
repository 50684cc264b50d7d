import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Volume } from "../../../model/core.ts";
import type { ClusterContext, PodContext } from "./check.ts";
import type { Notice } from "./notice.ts";

const served = "name emptyDir hostPath configMap secret persistentVolumeClaim downwardAPI projected".split(
  " ",
);
const projected = ["configMap", "secret", "downwardAPI"];

/** Whether each volume can be made. */
export function checkVolumes({ pods }: ClusterContext): Notice[] {
  return pods.flatMap((pod) =>
    (pod.spec.volumes ?? []).flatMap((volume, index) => checkVolume(pod, volume, index)),
  );
}

function checkVolume(pod: PodContext, volume: Volume, index: number): Notice[] {
  const field = `${pod.path}.volumes[${index}]`;
  const sources = volume.projected?.sources ?? [];
  const other =
    Object.keys(volume).find((key) => !served.includes(key)) ??
    sources.flatMap((source) => Object.keys(source)).find((key) => !projected.includes(key));
  if (other !== undefined) {
    return [
      {
        code: "KD4011",
        severity: "error",
        object: pod.key,
        field,
        message: `volume \`${volume.name}\` is of type \`${other}\`, which only a full Kubernetes serves`,
        fix: "use emptyDir, hostPath, config, secret or claim here, or give the objects to a Kubernetes cluster: `kdsl compile FILE --emit yaml | kubectl apply -f -`",
      },
    ];
  }
  const problem = volume.hostPath && hostPathProblem(volume.hostPath.path, volume.hostPath.type ?? "");
  if (!problem) return [];
  const [message, fix] = problem;
  return [
    {
      code: "KD4004",
      severity: "error",
      object: pod.key,
      field,
      message: `hostPath volume \`${volume.name}\`: ${message}`,
      fix,
    },
  ];
}

/** What is wrong and the way out. Only what is certain now: what is made later is found out when the pod starts. */
function hostPathProblem(path: string, type: string): readonly [string, string] | undefined {
  const found = kindAt(path);
  const makes = type === "DirectoryOrCreate" || type === "FileOrCreate";
  if (found === undefined && !makes) {
    const fix =
      type === "" || type === "Directory" ? 'make it, or use the type "DirectoryOrCreate"' : "make it";
    return [`\`${path}\` does not exist`, fix];
  }
  if (found === undefined) {
    const parent = existingParent(path);
    try {
      accessSync(parent, constants.W_OK);
      return undefined;
    } catch {
      return [
        `\`${path}\` cannot be made: this user may not write in \`${parent}\``,
        "choose a path of yours",
      ];
    }
  }
  const wanted = type.replace("OrCreate", "");
  if ((wanted === "Directory" || wanted === "File") && wanted !== found)
    return [`\`${path}\` is not a ${wanted.toLowerCase()}`, "change its type, or the path"];
  return undefined;
}

function kindAt(path: string): "Directory" | "File" | "other" | undefined {
  try {
    const found = statSync(path);
    return found.isDirectory() ? "Directory" : found.isFile() ? "File" : "other";
  } catch {
    return undefined;
  }
}

function existingParent(path: string): string {
  let parent = dirname(path);
  while (!existsSync(parent) && parent !== dirname(parent)) parent = dirname(parent);
  return parent;
}
