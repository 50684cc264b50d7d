import type { DownwardFiles, Volume, VolumeKeys } from "../core.ts";
import { type Causes, duplicate, forbidden, invalid, notSupported, required } from "./cause.ts";
import { checkNoBackstep, checkVolumePath } from "./container.ts";
import { checkDownwardFiles } from "./downward.ts";
import { dnsLabelError, dnsSubdomainError } from "./names.ts";
import { checkQuantity } from "./resources.ts";

/** The volumes of a pod (`ValidateVolumes`, `validateVolumeSource`). */

const hostPathTypes = new Set([
  "",
  "BlockDevice",
  "CharDevice",
  "Directory",
  "DirectoryOrCreate",
  "File",
  "FileOrCreate",
  "Socket",
]);

/** Gives the names of the volumes, for the mounts. */
export function checkVolumes(
  causes: Causes,
  path: string,
  volumes: readonly Volume[] | null | undefined,
  /** Volumes that were in order. */
  before?: readonly Volume[] | null,
): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [index, volume] of (volumes ?? []).entries()) {
    const at = `${path}[${index}]`;
    const known = before?.[index];
    if (!volume.name) causes.push(required(`${at}.name`));
    else {
      const fault = volume.name === known?.name ? undefined : dnsLabelError(volume.name);
      if (fault !== undefined) causes.push(invalid(`${at}.name`, volume.name, fault));
      else if (names.has(volume.name)) causes.push(duplicate(`${at}.name`, volume.name));
      names.add(volume.name);
    }
    if (volume !== known) checkVolumeSource(causes, at, volume);
  }
  return names;
}

function checkVolumeSource(causes: Causes, path: string, volume: Volume): void {
  let sources = 0;
  for (const key in volume) {
    const source = (volume as unknown as Record<string, unknown>)[key];
    // A source of a kind that is not looked into counts all the same.
    if (key === "name" || source == null) continue;
    if (typeof source !== "object") continue;
    sources++;
    if (sources > 1) causes.push(forbidden(`${path}.${key}`, "may not specify more than 1 volume type"));
  }
  if (sources === 0) causes.push(required(path, "must specify a volume type"));
  const { emptyDir, hostPath, configMap, secret, downwardAPI, projected } = volume;
  if (emptyDir?.sizeLimit != null) checkQuantity(causes, `${path}.emptyDir.sizeLimit`, emptyDir.sizeLimit);
  if (hostPath) {
    if (!hostPath.path) causes.push(required(`${path}.hostPath.path`));
    else checkNoBackstep(causes, `${path}.hostPath.path`, hostPath.path);
    if (hostPath.type != null && !hostPathTypes.has(hostPath.type))
      causes.push(notSupported(`${path}.hostPath.type`, hostPath.type, hostPathTypes));
  }
  if (configMap) {
    if (!configMap.name) causes.push(required(`${path}.configMap.name`));
    else checkSourceName(causes, `${path}.configMap.name`, configMap.name);
    checkKeys(causes, `${path}.configMap`, configMap);
  }
  if (secret) {
    if (!secret.secretName) causes.push(required(`${path}.secret.secretName`));
    else checkSourceName(causes, `${path}.secret.secretName`, secret.secretName);
    checkKeys(causes, `${path}.secret`, secret);
  }
  if (downwardAPI) {
    checkMode(causes, `${path}.downwardAPI.defaultMode`, downwardAPI.defaultMode);
    checkDownward(causes, `${path}.downwardAPI`, downwardAPI);
  }
  if (projected) checkProjected(causes, `${path}.projected`, projected);
}

/** Files of several sources in one volume (`validateProjectionSources`). */
function checkProjected(
  causes: Causes,
  path: string,
  { sources, defaultMode }: NonNullable<Volume["projected"]>,
): void {
  checkMode(causes, `${path}.defaultMode`, defaultMode);
  for (const [index, source] of (sources ?? []).entries()) {
    const at = `${path}.sources[${index}]`;
    const given = Object.entries(source).filter(([, value]) => value != null);
    for (const [kind] of given.slice(1))
      causes.push(forbidden(`${at}.${kind}`, "may not specify more than 1 volume type"));
    for (const kind of ["secret", "configMap"] as const) {
      const keys = source[kind];
      if (!keys) continue;
      if (!keys.name) causes.push(required(`${at}.${kind}.name`));
      checkKeys(causes, `${at}.${kind}`, keys);
    }
    if (source.downwardAPI) checkDownward(causes, `${at}.downwardAPI`, source.downwardAPI);
  }
}

function checkDownward(causes: Causes, path: string, files: DownwardFiles): void {
  checkDownwardFiles(causes, path, files, (at, item) => checkFile(causes, at, item));
}

function checkFile(causes: Causes, at: string, { path, mode }: { path?: string; mode?: number }): void {
  if (!path) causes.push(required(`${at}.path`));
  else checkVolumePath(causes, `${at}.path`, path);
  checkMode(causes, `${at}.mode`, mode);
}

function checkSourceName(causes: Causes, path: string, name: string): void {
  const fault = dnsSubdomainError(name);
  if (fault !== undefined) causes.push(invalid(path, name, fault));
}

const modeError = "must be a number between 0 and 0777 (octal), both inclusive";

function checkMode(causes: Causes, path: string, mode: number | null | undefined): void {
  if (mode != null && !(mode >= 0 && mode <= 0o777)) causes.push(invalid(path, mode, modeError));
}

function checkKeys(causes: Causes, path: string, keys: VolumeKeys): void {
  checkMode(causes, `${path}.defaultMode`, keys.defaultMode);
  for (const [index, item] of (keys.items ?? []).entries()) {
    const at = `${path}.items[${index}]`;
    if (!item.key) causes.push(required(`${at}.key`));
    checkFile(causes, at, item);
  }
}
