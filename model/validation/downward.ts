import type { DownwardFiles, EnvVarSource } from "../core.ts";
import { type Causes, invalid, oneOf, required } from "./cause.ts";
import { qualifiedNameFault } from "./names.ts";

/** Facts of a pod in variables and files (`validateObjectFieldSelector`, `validateDownwardAPIVolumeFile`). */

type FieldRef = NonNullable<EnvVarSource["fieldRef"]>;
type ResourceFieldRef = NonNullable<EnvVarSource["resourceFieldRef"]>;

const ofVariables = new Set([
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
]);
const ofFiles = new Set([
  "metadata.annotations",
  "metadata.labels",
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
]);
/** What is a field of a pod at all (`ConvertDownwardAPIFieldLabel`). */
const known = new Set([
  ...ofVariables,
  ...ofFiles,
  "spec.host",
  "spec.restartPolicy",
  "spec.schedulerName",
  "status.phase",
]);
const resources = new Set([
  "limits.cpu",
  "limits.ephemeral-storage",
  "limits.memory",
  "requests.cpu",
  "requests.ephemeral-storage",
  "requests.memory",
]);

export function checkFieldRef(
  causes: Causes,
  path: string,
  { apiVersion, fieldPath }: FieldRef,
  use: "variable" | "file",
): void {
  if (!fieldPath) {
    causes.push(required(`${path}.fieldPath`));
    return;
  }
  const failed = (why: string) =>
    causes.push(invalid(`${path}.fieldPath`, fieldPath, `error converting fieldPath: ${why}`));
  if ((apiVersion ?? "v1") !== "v1") {
    failed(`unsupported pod version: ${apiVersion}`);
    return;
  }
  const [, name = fieldPath, key] = /^([^[]+)\['(.*)'\]$/.exec(fieldPath) ?? [];
  if (key !== undefined) {
    if (name !== "metadata.labels" && name !== "metadata.annotations") {
      failed(`field label does not support subscript: ${fieldPath}`);
      return;
    }
    const fault = qualifiedNameFault(name === "metadata.labels" ? key : key.toLowerCase());
    if (fault !== undefined) causes.push(invalid(path, key, fault));
  } else if (!known.has(name)) failed(`field label not supported: ${name}`);
  else oneOf(causes, `${path}.fieldPath`, name, use === "variable" ? ofVariables : ofFiles);
}

export function checkResourceRef(
  causes: Causes,
  path: string,
  { resource, containerName }: ResourceFieldRef,
  use: "variable" | "file",
): void {
  if (use === "file" && !containerName) causes.push(required(`${path}.containerName`));
  else if (!resource) causes.push(required(`${path}.resource`));
  else if (!/^(?:limits|requests)\.hugepages-./.test(resource))
    oneOf(causes, `${path}.resource`, resource, resources);
}

/** The files of a downward API volume; `checkPath` and `checkMode` are those of all volumes. */
export function checkDownwardFiles(
  causes: Causes,
  path: string,
  { items }: DownwardFiles,
  check: (at: string, item: { readonly path?: string; readonly mode?: number }) => void,
): void {
  for (const [index, item] of (items ?? []).entries()) {
    const at = `${path}.items[${index}]`;
    check(at, item);
    if (item.fieldRef) {
      checkFieldRef(causes, `${at}.fieldRef`, item.fieldRef, "file");
      if (item.resourceFieldRef)
        causes.push(
          invalid(at, "resource", "fieldRef and resourceFieldRef can not be specified simultaneously"),
        );
    } else if (item.resourceFieldRef)
      checkResourceRef(causes, `${at}.resourceFieldRef`, item.resourceFieldRef, "file");
    else causes.push(required(at, "one of fieldRef and resourceFieldRef is required"));
  }
}
