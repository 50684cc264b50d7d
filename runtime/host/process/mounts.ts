import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { makeDirectories } from "../directory.ts";
import { reasonOf } from "../errors.ts";

/** Something of this machine that a container sees at a path of its own. */
export interface BindMount {
  readonly source: string;
  /** Absolute, as the container's spec says. */
  readonly target: string;
  readonly readOnly: boolean;
}

/** How to lay out a container's file system inside a mount namespace of its own. */
export interface MountPlan {
  /** Lines of fstab(5), in order. */
  readonly fstab: string;
  /** The directory that becomes the root; absent where the machine's own root will do. */
  readonly root?: string;
}

/** More entries than this are not mirrored one by one. */
const mostEntries = 1024;

/**
 * Plans the mounts of one container. A path that exists on this machine is mounted over. For one that does not, the
 * deepest directory that does exist is mirrored: a directory of ours takes its place, with everything that it held
 * bound back in and the missing path beside it, so that nothing is ever made on the machine itself. Where that
 * directory is `/`, the mirror becomes the new root.
 *
 * `workspace` is an empty directory for the mirrors. Throws an `Error` whose message names the path and the way out.
 */
export function planMounts(mounts: readonly BindMount[], workspace: string): MountPlan {
  const located = mounts
    .map((mount) => ({ ...mount, ...locate(mount.target) }))
    .sort((a, b) => a.path.length - b.path.length);
  const inside = (path: string, other: string) => path.startsWith(other === "/" ? "/" : `${other}/`);
  const mirrors = new Map<string, string>();
  for (const mount of located) {
    // A path inside another volume is made there.
    const outer = located.find((each) => each !== mount && inside(mount.path, each.path));
    if (outer) makePoint(join(outer.source, mount.path.slice(outer.path.length)), mount);
    else if (mount.path !== mount.existing && !mirrors.has(mount.existing))
      mirrors.set(mount.existing, join(workspace, `mirror-${mirrors.size}`));
  }
  const lines: string[] = [];
  const root = mirrors.get("/");
  const at = (path: string) => (root === undefined ? path : join(root, path));
  for (const [directory, mirror] of [...mirrors].sort(([a], [b]) => a.length - b.length)) {
    lines.push(...mirrorLines(directory, mirror, at));
  }
  for (const mount of located) {
    const mirror = mirrors.get(mount.existing);
    if (mirror !== undefined && mount.path !== mount.existing)
      makePoint(join(mirror, mount.path.slice(mount.existing === "/" ? 0 : mount.existing.length)), mount);
    lines.push(line(mount.source, at(mount.path), mount.readOnly ? "bind,ro" : "rbind"));
  }
  return { fstab: lines.join(""), ...(root === undefined ? {} : { root }) };
}

/** The real path that a target stands for, and the deepest part of it that exists. */
function locate(target: string): { path: string; existing: string } {
  let existing = target.replace(/(.)\/+$/, "$1");
  let missing = "";
  while (!existsSync(existing)) {
    missing = existing.slice(dirname(existing) === "/" ? 0 : dirname(existing).length) + missing;
    existing = dirname(existing);
  }
  existing = realpathSync(existing);
  if (missing !== "" && !statSync(existing).isDirectory())
    throw new Error(`cannot mount at ${target}: ${existing} is a file; mount elsewhere`);
  return { path: missing === "" ? existing : join(existing, missing), existing };
}

/** Lines that make `mirror` look like `directory` and put it in its place. */
function mirrorLines(directory: string, mirror: string, at: (path: string) => string): string[] {
  const entries = listing(directory);
  mkdirSync(mirror, { recursive: true });
  const lines: string[] = [];
  // The new root must be a mount itself, and before anything is mounted in it.
  if (directory === "/") lines.push(line(mirror, mirror, "rbind"));
  // The entry that holds the mirror itself comes first: bound later, it would bring copies of all mounts before it.
  const first = entries.find((name) => mirror.startsWith(`${join(directory, name)}/`));
  for (const name of first === undefined ? entries : [first, ...entries.filter((each) => each !== first)]) {
    const original = join(directory, name);
    const copy = join(mirror, name);
    let kind: ReturnType<typeof lstatSync>;
    try {
      kind = lstatSync(original);
    } catch {
      continue;
    }
    if (kind.isSymbolicLink()) {
      symlinkSync(readlinkSync(original), copy);
      continue;
    }
    if (kind.isDirectory()) mkdirSync(copy);
    else writeFileSync(copy, "");
    lines.push(line(original, copy, "rbind"));
  }
  chmodSync(mirror, statSync(directory).mode & 0o7777);
  if (directory !== "/") lines.push(line(mirror, at(directory), "rbind"));
  return lines;
}

function listing(directory: string): string[] {
  const wayOut = "make the directory that is missing below it, or mount elsewhere";
  let entries: string[];
  try {
    entries = readdirSync(directory);
  } catch (error) {
    throw new Error(`cannot mount below ${directory}: ${reasonOf(error)}; ${wayOut}`);
  }
  if (entries.length > mostEntries)
    throw new Error(`cannot mount below ${directory}: it has ${entries.length} entries; ${wayOut}`);
  return entries;
}

/** Makes what a mount needs to be mounted on: a directory, or a file for a file. */
function makePoint(path: string, mount: BindMount): void {
  if (existsSync(path)) return;
  try {
    if (statSync(mount.source).isDirectory()) {
      makeDirectories(path);
    } else {
      makeDirectories(dirname(path));
      writeFileSync(path, "");
    }
  } catch (error) {
    throw new Error(`cannot mount at ${mount.target}: ${reasonOf(error)}`);
  }
}

function line(source: string, target: string, options: string): string {
  return `${escaped(source)} ${escaped(target)} none ${options} 0 0\n`;
}

/** fstab(5): white space and backslashes stand as three octal digits; a leading `#` would be a comment. */
function escaped(path: string): string {
  return path.replaceAll(/[ \t\n\\#]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`);
}
