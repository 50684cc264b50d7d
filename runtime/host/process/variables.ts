import type { StartContainer } from "../../environment.ts";

/** What a program gets of the environment in which `kdsl` was started: where programs, home and language are, and no more. */
export const inherited: readonly string[] = [
  "HOME",
  "LANG",
  "LANGUAGE",
  "LD_LIBRARY_PATH",
  "LOGNAME",
  "PATH",
  "SHELL",
  "TMPDIR",
  "TZ",
  "USER",
];

const inheritedPrefix = "LC_";

/** Marks every process of a cluster; how strays that left their session are found. */
export const clusterVariable = "KDSL_CLUSTER";
/** Marks every process of one instance of a container: `<pod uid>/<container>/<attempt>`. */
export const containerVariable = "KDSL_CONTAINER";

export function containerMark(podUid: string, container: string, attempt: number): string {
  return `${podUid}/${container}/${attempt}`;
}

/** `cache-1` is found under `KDSL_VOLUME_CACHE_1`. */
export function volumeVariable(volume: string): string {
  return `KDSL_VOLUME_${volume.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`;
}

/**
 * The whole environment of a container: the caller's part, what the pod's spec makes of it, and what the driver alone
 * knows. `volumes` gives each mounted volume's path as the program sees it.
 */
export function containerVariables(
  command: StartContainer,
  clusterId: string,
  volumes: ReadonlyMap<string, string>,
  caller: NodeJS.ProcessEnv,
): Record<string, string> {
  const result: Record<string, string> = {};
  for (const [name, value] of Object.entries(caller)) {
    if (value !== undefined && (inherited.includes(name) || name.startsWith(inheritedPrefix)))
      result[name] = value;
  }
  result.PATH ??= "/usr/local/bin:/usr/bin:/bin";
  for (const { name, value } of command.env()) result[name] = value;
  for (const [volume, path] of volumes) result[volumeVariable(volume)] = path;
  result[clusterVariable] = clusterId;
  result[containerVariable] = containerMark(command.podUid, command.container, command.attempt);
  return result;
}
