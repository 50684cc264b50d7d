import { chmod, mkdir, mkdtemp, readdir, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import type { SandboxFile } from "../../environment.ts";
import { errorCode, reasonOf } from "../errors.ts";

/** The link to the directory that holds the files of now. */
const present = "..data";
/** What such a directory is called. */
const isOurs = /^\.\.[A-Za-z0-9]{6}$/;

/**
 * Makes a volume hold these files and no others, all at once, as Kubernetes' `AtomicWriter` does: they lie in a directory of
 * their own, `..data` is a link to it, and each name in the volume a link through `..data`. Programs that wait for their files to
 * change watch that link.
 *
 * Throws an `Error` that names volume and path; a file that cannot be written leaves the volume as it was.
 */
export async function writeVolumeFiles(
  volume: string,
  files: readonly SandboxFile[],
  directory: string,
): Promise<void> {
  const before = await readlink(join(directory, present)).catch(() => undefined);
  const made = await mkdtemp(`${directory}/..`);
  try {
    for (const file of files) await writeOne(volume, file, made);
    await chmod(made, 0o755);
    const link = join(directory, "..data_tmp");
    await rm(link, { force: true });
    await symlink(nameIn(directory, made), link);
    await rename(link, join(directory, present));
  } catch (error) {
    await rm(made, { recursive: true, force: true }).catch(() => {});
    throw error;
  }
  const names = new Set(files.map(({ path }) => normalize(path).split("/")[0]!));
  for (const name of await readdir(directory)) {
    // What was mounted on or made in the volume besides is no link of ours.
    const target = name.startsWith("..") ? undefined : await readlink(join(directory, name)).catch(() => "");
    if (target === `${present}/${name}` && !names.has(name)) await rm(join(directory, name), { force: true });
  }
  for (const name of names) {
    try {
      await symlink(`${present}/${name}`, join(directory, name));
    } catch (error) {
      if (errorCode(error) !== "EEXIST")
        throw new Error(`volume ${volume}: cannot link ${name}: ${reasonOf(error)}`);
    }
  }
  // Programs may write into the volume: a link that is not ours may lead anywhere.
  if (before !== undefined && isOurs.test(before))
    await rm(join(directory, before), { recursive: true, force: true });
}

async function writeOne(volume: string, file: SandboxFile, directory: string): Promise<void> {
  const path = normalize(join(directory, file.path));
  if (!path.startsWith(`${directory}/`) || normalize(file.path).startsWith(".."))
    throw new Error(`volume ${volume}: the path ${file.path} leads out of the volume`);
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, Buffer.from(file.content, "base64"), { mode: 0o600, flag: "wx" });
    await chmod(path, file.mode & 0o777);
  } catch (error) {
    throw new Error(`volume ${volume}: cannot write ${file.path}: ${reasonOf(error)}`);
  }
}

function nameIn(directory: string, path: string): string {
  return path.slice(directory.length + 1);
}
