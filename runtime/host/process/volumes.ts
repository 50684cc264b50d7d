import { chmod, lstat, mkdir, open, realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute, join, normalize, relative } from "node:path";
import type { SandboxVolume } from "../../environment.ts";
import { makeDirectories } from "../directory.ts";
import { errorCode, reasonOf } from "../errors.ts";
import { writeVolumeFiles } from "./volume-files.ts";

/**
 * Makes one volume of a pod and gives its real path. emptyDir: a directory of the pod's, mode 0777 as in Kubernetes,
 * whose size limit is not enforced. claim: such a directory of the cluster's in `claims`. hostPath: checked and made by its type. files: see `writeVolumeFiles`.
 *
 * Throws an `Error` whose message names path and reason.
 */
export async function makeVolume(volume: SandboxVolume, directory: string, claims: string): Promise<string> {
  if (volume.type === "hostPath") return hostPath(volume.name, volume.path, volume.pathType);
  if (volume.type === "claim") {
    for (const part of [volume.namespace, volume.claim])
      if (!/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(part))
        throw new Error(`volume ${volume.name}: ${part} cannot name a claim`);
    const path = join(claims, volume.namespace, volume.claim);
    makeDirectories(path);
    await chmod(path, 0o777);
    return path;
  }
  const path = join(directory, volume.name);
  await mkdir(path, { recursive: true });
  await chmod(path, volume.type === "emptyDir" ? 0o777 : 0o755);
  if (volume.type === "files") await writeVolumeFiles(volume.name, volume.files, path);
  return path;
}

type Kind = "directory" | "file" | "socket" | "character device" | "block device";

/** Kubernetes' `HostPathType`s: what must be there, and whether it is made where it is not. */
const pathTypes: Readonly<Record<string, { readonly kind: Kind; readonly create: boolean } | undefined>> = {
  DirectoryOrCreate: { kind: "directory", create: true },
  Directory: { kind: "directory", create: false },
  FileOrCreate: { kind: "file", create: true },
  File: { kind: "file", create: false },
  Socket: { kind: "socket", create: false },
  CharDevice: { kind: "character device", create: false },
  BlockDevice: { kind: "block device", create: false },
};

async function hostPath(name: string, path: string, type: string): Promise<string> {
  const problem = (why: string) => new Error(`hostPath volume ${name}: ${path} ${why}`);
  if (!isAbsolute(path)) throw problem("is not an absolute path");
  const wanted = pathTypes[type];
  if (type !== "" && wanted === undefined)
    throw problem(`has an unknown type ${type}; known are ${Object.keys(pathTypes).join(", ")}`);
  const found = await kindOf(path, problem);
  if (found === undefined && wanted?.create) {
    try {
      // The modes that Kubernetes documents: 0755 for directories, 0644 for files; parents are made for neither file.
      if (wanted.kind === "directory") makeDirectories(path, 0o755);
      else await (await open(path, "a", 0o644)).close();
    } catch (error) {
      throw problem(`cannot be made: ${reasonOf(error)}`);
    }
    return path;
  }
  if (found === undefined) {
    throw problem(
      wanted === undefined || wanted.kind === "directory"
        ? 'does not exist; make it, or give the volume the type "DirectoryOrCreate"'
        : "does not exist",
    );
  }
  if (wanted !== undefined && found !== wanted.kind) throw problem(`is not a ${wanted.kind} but a ${found}`);
  return path;
}

async function kindOf(path: string, problem: (why: string) => Error): Promise<Kind | undefined> {
  try {
    const found = await stat(path);
    if (found.isDirectory()) return "directory";
    if (found.isSocket()) return "socket";
    if (found.isCharacterDevice()) return "character device";
    return found.isBlockDevice() ? "block device" : "file";
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw problem(`cannot be used: ${reasonOf(error)}`);
  }
}

/**
 * The part of a volume that a mount names, made as a directory where it is missing. A link inside the volume must not
 * lead out of it. Throws an `Error` that says so.
 */
export async function subPath(volume: string, path: string): Promise<string> {
  const whole = normalize(join(volume, path));
  const outside = new Error(`subPath ${path} leads out of its volume`);
  if (isAbsolute(path) || (whole !== volume && !whole.startsWith(`${volume}/`))) throw outside;
  const real = await realpath(volume);
  let existing = whole;
  while ((await lstat(existing).catch(() => undefined)) === undefined) existing = dirname(existing);
  const beyond = relative(real, await realpath(existing));
  if (beyond === ".." || beyond.startsWith("../") || isAbsolute(beyond)) throw outside;
  try {
    if (existing !== whole) makeDirectories(whole);
  } catch (error) {
    throw new Error(`subPath ${path} cannot be made: ${reasonOf(error)}`);
  }
  return whole;
}
