import type { Volume, VolumeKeys } from "../../model/core.ts";
import { wholeValue } from "../../model/quantity.ts";
import type { SandboxFile, SandboxVolume } from "../environment.ts";
import { encodeBase64 } from "./encoding.ts";
import type { Turn } from "./worker.ts";

const defaultMode = 0o644;

/** A volume as the driver makes it; a text says, in Kubernetes' words, why it cannot be mounted (FailedMount). */
export function sandboxVolume(volume: Volume, namespace: string, turn: Turn): SandboxVolume | string {
  const { name, hostPath, configMap, secret, emptyDir, persistentVolumeClaim: claim } = volume;
  if (hostPath) return { name, type: "hostPath", path: hostPath.path, pathType: hostPath.type ?? "" };
  if (configMap) {
    const found = turn.client.get("ConfigMap", namespace, configMap.name);
    const data = found && {
      ...mapValues(found.data ?? {}, encodeBase64),
      ...found.binaryData,
    };
    return files(name, "configmap", configMap.name, configMap, data, false);
  }
  if (secret) {
    const found = turn.client.get("Secret", namespace, secret.secretName);
    const data = found && { ...found.data, ...mapValues(found.stringData ?? {}, encodeBase64) };
    return files(name, "secret", secret.secretName, secret, data, true);
  }
  if (claim) return { name, type: "claim", namespace, claim: claim.claimName };
  const [unknown] = Object.keys(volume).filter((key) => key !== "name" && key !== "emptyDir");
  if (unknown) {
    return `volume "${name}" is of type ${unknown}, which only a full Kubernetes serves; use emptyDir, hostPath, config, secret or claim`;
  }
  const limit = emptyDir?.sizeLimit;
  return { name, type: "emptyDir", ...(limit === undefined ? {} : { sizeLimitBytes: wholeValue(limit) }) };
}

function files(
  volume: string,
  kind: "configmap" | "secret",
  name: string,
  keys: VolumeKeys,
  data: Readonly<Record<string, string>> | undefined,
  secret: boolean,
): SandboxVolume | string {
  const failed = `MountVolume.SetUp failed for volume "${volume}" : `;
  if (!data && !keys.optional) return `${failed}${kind} "${name}" not found`;
  const items = keys.items ?? Object.keys(data ?? {}).map((key) => ({ key, path: key, mode: undefined }));
  const result: SandboxFile[] = [];
  for (const { key, path, mode } of items) {
    const content = data?.[key];
    if (content !== undefined) result.push({ path, content, mode: mode ?? keys.defaultMode ?? defaultMode });
    else if (!keys.optional) return `${failed}references non-existent ${kind} key: ${key}`;
  }
  return { name: volume, type: "files", files: result, secret };
}

function mapValues(
  record: Readonly<Record<string, string>>,
  change: (value: string) => string,
): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
