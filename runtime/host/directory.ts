import { existsSync, lstatSync, mkdirSync, rmdirSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { errorCode, HostError, reasonOf } from "./errors.ts";

/**
 * As `mkdir -p`. Node's own recursive mkdir never comes to an end where a file system says ENOENT to making anything
 * (`/proc`). Throws the system's error.
 */
export function makeDirectories(path: string, mode = 0o777): void {
  const missing: string[] = [];
  for (let at = path; !existsSync(at) && at !== dirname(at); at = dirname(at)) missing.unshift(at);
  for (const each of missing) {
    try {
      mkdirSync(each, { mode });
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    }
  }
}

/**
 * The user's own directory for clusters: `$XDG_RUNTIME_DIR/kdsl`, else `/tmp/kdsl-<uid>`. Others could plant files or
 * links in a directory of theirs, so it must be a real directory, ours, and closed to them.
 *
 * Throws `HostError` RuntimeDirectory.
 */
export function runtimeDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const { uid } = userInfo();
  const given = env.XDG_RUNTIME_DIR;
  // A variable left over from another user (`su`) is not ours to use.
  if (given && isAbsolute(given) && isOwnDirectory(given, uid)) return ownDirectory(join(given, "kdsl"), uid);
  return ownDirectory(`/tmp/kdsl-${uid}`, uid);
}

function isOwnDirectory(path: string, uid: number): boolean {
  try {
    const found = lstatSync(path);
    return found.isDirectory() && found.uid === uid;
  } catch {
    return false;
  }
}

function ownDirectory(path: string, uid: number): string {
  const wayOut = "remove it, or set XDG_RUNTIME_DIR to a directory of yours";
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (errorCode(error) !== "EEXIST") {
      throw new HostError(
        "RuntimeDirectory",
        `cannot make the directory ${path} for running clusters: ${reasonOf(error)}; set XDG_RUNTIME_DIR to a directory of yours`,
        { path },
      );
    }
  }
  const found = lstatSync(path);
  const refuse = (why: string) =>
    new HostError("RuntimeDirectory", `will not use ${path} for running clusters: ${why}; ${wayOut}`, {
      path,
    });
  if (found.isSymbolicLink()) throw refuse("it is a symbolic link");
  if (!found.isDirectory()) throw refuse("it is not a directory");
  if (found.uid !== uid) throw refuse(`it belongs to user ${found.uid}`);
  if ((found.mode & 0o077) !== 0) throw refuse("others may enter it (its mode must be 0700)");
  return path;
}

/** Removes the directory for clusters once there is none in it. */
export function removeIfEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Another cluster is in it, or another end has removed it.
  }
}
