import type { Container, DownwardFiles, Pod } from "../../model/core.ts";
import { milliValue, wholeValue } from "../../model/quantity.ts";
import type { SandboxFile } from "../environment.ts";
import { encodeBase64 } from "./encoding.ts";
import type { PodWorker, Turn } from "./worker.ts";

/** The downward API's fields of a variable; undefined for one that it does not know. */
export function podField(path: string, { pod, sandbox }: PodWorker, turn: Turn): string | undefined {
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (keyed) return pod.metadata[keyed[1] as "labels" | "annotations"]?.[keyed[2]!] ?? "";
  switch (path) {
    case "metadata.name":
      return pod.metadata.name;
    case "metadata.namespace":
      return pod.metadata.namespace ?? "default";
    case "metadata.uid":
      return pod.metadata.uid;
    case "spec.nodeName":
      return turn.node.name;
    case "spec.serviceAccountName":
      return pod.spec.serviceAccountName ?? "default";
    case "status.hostIP":
    case "status.hostIPs":
      return turn.node.address;
    case "status.podIP":
    case "status.podIPs":
      return sandbox.address ?? "";
    default:
      return undefined;
  }
}

/**
 * A request or limit of a container (`own` where none is named), in units of the divisor, rounded up; a limit that is
 * not set is the node's allocatable.
 */
export function resourceField(
  reference: { readonly containerName?: string; readonly resource: string; readonly divisor?: string },
  pod: Pod,
  own: Container | undefined,
  turn: Turn,
): { readonly value: string } | string {
  const match = /^(requests|limits)\.(.+)$/.exec(reference.resource);
  const name = reference.containerName;
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const spec = name ? all.find((each) => each.name === name) : own;
  if (!spec) return `container ${name ?? ""} not found`;
  if (!match) return `unsupported container resource: ${reference.resource}`;
  const [, kind, resource = ""] = match;
  const declared = spec.resources?.[kind as "requests" | "limits"]?.[resource];
  const quantity = declared ?? (kind === "limits" ? turn.node.allocatable[resource] : undefined) ?? "0";
  const divisor = reference.divisor && reference.divisor !== "0" ? reference.divisor : "1";
  const value =
    resource === "cpu"
      ? milliValue(quantity) / milliValue(divisor)
      : wholeValue(quantity) / wholeValue(divisor);
  return { value: String(Math.ceil(value)) };
}

/**
 * The files of a downward API volume, as the pod is when its volumes are made; a text names the first fact that there
 * is not (`pkg/volume/downwardapi`).
 */
export function downwardFiles(
  source: DownwardFiles,
  defaultMode: number,
  pod: Pod,
  turn: Turn,
): readonly SandboxFile[] | string {
  const result: SandboxFile[] = [];
  for (const { path, mode, fieldRef, resourceFieldRef } of source.items ?? []) {
    const found = fieldRef
      ? (metadataField(fieldRef.fieldPath, pod) ?? `unsupported fieldPath: ${fieldRef.fieldPath}`)
      : resourceFieldRef && resourceField(resourceFieldRef, pod, undefined, turn);
    if (typeof found === "string") return found;
    result.push({ path, content: encodeBase64(found?.value ?? ""), mode: mode ?? defaultMode });
  }
  return result;
}

/** The fields that a file can have, all labels and all annotations among them, a line for each (`fieldpath.FormatMap`). */
function metadataField(path: string, { metadata }: Pod): { readonly value: string } | undefined {
  const keyed = /^metadata\.(labels|annotations)(?:\['(.+)'\])?$/.exec(path);
  if (keyed) {
    const map = metadata[keyed[1] as "labels" | "annotations"] ?? {};
    if (keyed[2] !== undefined) return { value: map[keyed[2]] ?? "" };
    const lines = Object.keys(map).sort();
    return { value: lines.map((key) => `${key}=${JSON.stringify(map[key])}`).join("\n") };
  }
  switch (path) {
    case "metadata.name":
      return { value: metadata.name };
    case "metadata.namespace":
      return { value: metadata.namespace ?? "default" };
    case "metadata.uid":
      return { value: metadata.uid ?? "" };
    default:
      return undefined;
  }
}
