import type { PodSpec, Toleration, Volume } from "../../model/core.ts";
import { type DescriptionWriter, writeList, writeMap } from "./writer.ts";

/** `inset` as for containers: a blank within a template. */
export function writeVolumes(writer: DescriptionWriter, inset: "" | " ", volumes: readonly Volume[]): void {
  const level = inset === "" ? 0 : 1;
  if (volumes.length === 0) {
    writer.line(level, "Volumes:", "<none>");
    return;
  }
  writer.line(level, "Volumes:");
  for (const volume of volumes) {
    writer.line(1, `${inset}${volume.name}:`);
    for (const [title, value] of sourceOf(volume)) writer.line(2, `${title}:`, value);
  }
}

function sourceOf({ emptyDir, hostPath, configMap, secret }: Volume): readonly (readonly [string, string])[] {
  if (emptyDir)
    return [
      ["Type", "EmptyDir (a temporary directory that shares a pod's lifetime)"],
      ["Medium", emptyDir.medium ?? ""],
      ["SizeLimit", emptyDir.sizeLimit ?? "<unset>"],
    ];
  if (hostPath)
    return [
      ["Type", "HostPath (bare host directory volume)"],
      ["Path", hostPath.path],
      ["HostPathType", hostPath.type ?? ""],
    ];
  if (configMap)
    return [
      ["Type", "ConfigMap (a volume populated by a ConfigMap)"],
      ["Name", configMap.name],
      ["Optional", String(configMap.optional ?? false)],
    ];
  if (secret)
    return [
      ["Type", "Secret (a volume populated by a Secret)"],
      ["SecretName", secret.secretName],
      ["Optional", String(secret.optional ?? false)],
    ];
  return [["Type", "<unknown>"]];
}

export function writeScheduling(writer: DescriptionWriter, level: number, spec: PodSpec): void {
  writeMap(writer, level, "Node-Selectors:", spec.nodeSelector);
  writeList(writer, level, "Tolerations:", (spec.tolerations ?? []).map(tolerationText).sort());
}

/** `node.kubernetes.io/not-ready:NoExecute op=Exists for 300s`. */
function tolerationText({ key, value, effect, operator, tolerationSeconds }: Toleration): string {
  let text = key ?? "";
  if (value) text += `=${value}`;
  if (effect) text += `:${effect}`;
  if (operator === "Exists" && !value) text += key || effect ? " op=Exists" : "op=Exists";
  if (tolerationSeconds !== undefined) text += ` for ${tolerationSeconds}s`;
  return text;
}
