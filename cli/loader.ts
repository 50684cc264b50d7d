/** By this way rather than by `import`, which would evaluate every export of them, streams too, before anything else. */
const { lstatSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } =
  process.getBuiltinModule("node:fs");
const { createRequire } = process.getBuiltinModule("node:module");
const { dirname, isAbsolute, join } = process.getBuiltinModule("node:path");
const { Script } = process.getBuiltinModule("node:vm");

/**
 * Loads the bundle's chunks with V8's code cache: what an earlier run compiled is taken from a file, which halves the
 * time that a short command takes to start. A cache that is missing, foreign or stale costs nothing but its advantage.
 * It lies beside the chunks (put there by the build), else in a folder that only the user can reach; the names hold
 * the chunk's hash and what V8's format depends on, and V8 itself checks its version and flags.
 * `NODE_DISABLE_COMPILE_CACHE=1` turns it off, as it does Node's own.
 */
type Require = (name: string) => unknown;
type Body = (exports: object, require: Require, module: { exports: object }) => void;

/** A chunk's file is a function expression of this head; columns are counted from behind it. */
export const chunkHead = "(function (exports, require, module) { ";

/** Caches that no run has needed to write anew for so long are removed: those of versions that are gone. */
const longest = 30 * 24 * 3600 * 1000;

/** Gives the chunks' `require`: of other chunks by file name, and of Node's modules. */
export function createLoader(directory: string): Require {
  const loaded = new Map<string, { exports: object }>();
  const suffix = `.${process.version}-${process.platform}-${process.arch}.cache`;
  const enabled = !process.env.NODE_DISABLE_COMPILE_CACHE;
  const own = enabled ? userFolder() : undefined;
  const fresh = new Map<string, import("node:vm").Script>();

  const load: Require = (name) => {
    if (!name.startsWith("."))
      return process.getBuiltinModule(name) ?? createRequire(`${directory}/index.cjs`)(name);
    const file = name.slice(name.lastIndexOf("/") + 1);
    const known = loaded.get(file);
    if (known) return known.exports;
    const module = { exports: {} };
    loaded.set(file, module);
    const filename = join(directory, file);
    const cachedData = enabled ? readCache(file) : undefined;
    const script = new Script(readFileSync(filename, "utf8"), {
      filename,
      columnOffset: -chunkHead.length,
      ...(cachedData ? { cachedData } : {}),
    });
    if (!cachedData && own !== undefined) {
      if (fresh.size === 0) {
        // At the end, when the functions that the command needs have been compiled; where it runs for long, once it
        // has started, since V8 forgets what is not called again.
        process.once("exit", () => writeCaches(own));
        setTimeout(() => writeCaches(own), 2000).unref();
      }
      fresh.set(file, script);
    }
    (script.runInThisContext() as Body)(module.exports, load, module);
    return module.exports;
  };

  const readCache = (file: string): Buffer | undefined =>
    readIfThere(join(directory, "cache", file + suffix)) ??
    (own !== undefined && isPrivate(own) ? readIfThere(join(own, file + suffix)) : undefined);

  const writeCaches = (folder: string) => {
    const scripts = [...fresh];
    fresh.clear();
    try {
      if (scripts.length === 0) return;
      makeFolder(dirname(folder));
      makeFolder(folder);
      if (!isPrivate(folder)) return;
      for (const [file, script] of scripts) {
        const path = join(folder, file + suffix);
        const unfinished = `${path}.${process.pid}`;
        writeFileSync(unfinished, script.createCachedData(), { mode: 0o600, flag: "wx" });
        renameSync(unfinished, path);
      }
      for (const entry of readdirSync(folder)) {
        const path = join(folder, entry);
        if (Date.now() - statSync(path).mtimeMs > longest) rmSync(path, { force: true });
      }
    } catch {
      // A full or read-only disk: the next run compiles again.
    }
  };
  return load;
}

/** One folder at a time: Node's `recursive` never ends where a file system knows the parent and yet says ENOENT (/proc). */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/** `$XDG_CACHE_HOME/kdsl` or `~/.cache/kdsl`; none where the home is another user's, as under `sudo`. */
function userFolder(): string | undefined {
  const { XDG_CACHE_HOME: xdg, HOME: home } = process.env;
  const base = xdg && isAbsolute(xdg) ? xdg : home;
  if (!base || !isAbsolute(base) || !process.getuid) return undefined;
  try {
    if (statSync(base).uid !== process.getuid()) return undefined;
  } catch {
    return undefined;
  }
  return base === xdg ? join(base, "kdsl") : join(base, ".cache", "kdsl");
}

/** What is executed is only read from where no one else can have put it. */
function isPrivate(folder: string): boolean {
  try {
    const status = lstatSync(folder);
    return status.isDirectory() && status.uid === process.getuid?.() && (status.mode & 0o077) === 0;
  } catch {
    return false;
  }
}
