import type { Pod, Volume, VolumeKeys, VolumeProjection } from "../../model/core.ts";
import { wholeValue } from "../../model/quantity.ts";
import type { SandboxFile, SandboxVolume } from "../environment.ts";
import { downwardFiles } from "./downward.ts";
import { encodeBase64 } from "./encoding.ts";
import type { Turn } from "./worker.ts";

const defaultMode = 0o644;
const failed = (volume: string) => `MountVolume.SetUp failed for volume "${volume}" : `;
const onlyThere = "which only a full Kubernetes serves";

/** A volume as the driver makes it; a text says, in Kubernetes' words, why it cannot be mounted (FailedMount). */
export function sandboxVolume(volume: Volume, pod: Pod, turn: Turn): SandboxVolume | string {
  const { name, hostPath, configMap, secret, emptyDir, persistentVolumeClaim: claim } = volume;
  const namespace = pod.metadata.namespace ?? "default";
  if (hostPath) return { name, type: "hostPath", path: hostPath.path, pathType: hostPath.type ?? "" };
  if (configMap) return ofFiles(name, [{ configMap }], configMap.defaultMode, pod, turn);
  if (secret) {
    const { secretName, ...keys } = secret;
    return ofFiles(name, [{ secret: { ...keys, name: secretName } }], secret.defaultMode, pod, turn);
  }
  if (volume.downwardAPI) {
    const { defaultMode: mode, ...downwardAPI } = volume.downwardAPI;
    return ofFiles(name, [{ downwardAPI }], mode, pod, turn);
  }
  if (volume.projected) {
    return ofFiles(name, volume.projected.sources ?? [], volume.projected.defaultMode, pod, turn);
  }
  if (claim) return { name, type: "claim", namespace, claim: claim.claimName };
  const [unknown] = Object.keys(volume).filter((key) => key !== "name" && key !== "emptyDir");
  if (unknown) {
    return `volume "${name}" is of type ${unknown}, ${onlyThere}; use emptyDir, hostPath, config, secret or claim`;
  }
  const limit = emptyDir?.sizeLimit;
  return { name, type: "emptyDir", ...(limit === undefined ? {} : { sizeLimitBytes: wholeValue(limit) }) };
}

/** Whether containers may only read a volume: one that shows what the cluster says they never write, as in Kubernetes. */
export function isReadOnly({
  configMap,
  secret,
  downwardAPI,
  projected,
  persistentVolumeClaim,
}: Volume): boolean {
  return Boolean(configMap ?? secret ?? downwardAPI ?? projected) || persistentVolumeClaim?.readOnly === true;
}

/** Whether a volume shows what the pod's own metadata says, which can change while it runs. */
export function showsPod({ downwardAPI, projected }: Volume): boolean {
  return downwardAPI !== undefined || projected !== undefined;
}

/** A volume of the files of all its sources; of two at one path the later one counts. */
function ofFiles(
  name: string,
  sources: readonly VolumeProjection[],
  mode: number | undefined,
  pod: Pod,
  turn: Turn,
): SandboxVolume | string {
  const result = new Map<string, SandboxFile>();
  for (const source of sources) {
    const [unknown] = Object.keys(source).filter((key) => !projected.has(key));
    if (unknown) return `volume "${name}" has a source of type ${unknown}, ${onlyThere}`;
    const found = filesOf(source, mode ?? defaultMode, pod, turn);
    if (typeof found === "string") return `${failed(name)}${found}`;
    for (const file of found) result.set(file.path, file);
  }
  const secret = sources.some((source) => source.secret !== undefined);
  return { name, type: "files", files: [...result.values()], secret };
}

const projected: ReadonlySet<string> = new Set<keyof VolumeProjection>([
  "configMap",
  "secret",
  "downwardAPI",
]);

function filesOf(
  { configMap, secret, downwardAPI }: VolumeProjection,
  mode: number,
  pod: Pod,
  turn: Turn,
): readonly SandboxFile[] | string {
  const namespace = pod.metadata.namespace ?? "default";
  if (configMap) {
    const found = turn.client.get("ConfigMap", namespace, configMap.name);
    const data = found && { ...mapValues(found.data ?? {}, encodeBase64), ...found.binaryData };
    return chosen("configmap", configMap, mode, data);
  }
  if (secret) {
    const found = turn.client.get("Secret", namespace, secret.name);
    const data = found && { ...found.data, ...mapValues(found.stringData ?? {}, encodeBase64) };
    return chosen("secret", secret, mode, data);
  }
  return downwardAPI ? downwardFiles(downwardAPI, mode, pod, turn) : [];
}

function chosen(
  kind: "configmap" | "secret",
  keys: VolumeKeys & { readonly name: string },
  defaultMode: number,
  data: Readonly<Record<string, string>> | undefined,
): readonly SandboxFile[] | string {
  if (!data && !keys.optional) return `${kind} "${keys.name}" not found`;
  const items = keys.items ?? Object.keys(data ?? {}).map((key) => ({ key, path: key, mode: undefined }));
  const result: SandboxFile[] = [];
  for (const { key, path, mode } of items) {
    const content = data?.[key];
    if (content !== undefined) result.push({ path, content, mode: mode ?? defaultMode });
    else if (!keys.optional) return `references non-existent ${kind} key: ${key}`;
  }
  return result;
}

function mapValues(
  record: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
