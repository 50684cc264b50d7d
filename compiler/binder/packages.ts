import type { FileSystem } from "../source/source.ts";

/** Modules that come in npm packages: `use "@acme/web"`, `use "@acme/web/db"`. */

const packageName = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*(?=\/|$)/;

/** How far up from a file `node_modules` is looked for. */
const mostLevels = 40;

/** The name of the package that a `use` names; undefined where it names a file (`"./x.kdsl"`, `"x.kdsl"`, `"/x"`). */
export function packageOf(path: string): string | undefined {
  if (/^\.{0,2}\//.test(path) || path === "." || path === ".." || path.endsWith(".kdsl")) return undefined;
  return packageName.exec(path)?.[0];
}

export type Found =
  | { readonly kind: "module"; readonly path: string; readonly text: string; readonly home: string }
  /** The package is there, but not the file that was to be its module. */
  | { readonly kind: "no-module"; readonly path: string }
  | { readonly kind: "no-package" };

/**
 * Finds a package's module as Node finds packages: in the nearest `node_modules` above the file `from`. A package that is
 * a link (of a workspace, of `npm link`, of pnpm) is known by where it leads, as in Node: what it uses in its turn is looked for from there, and it is one module by whatever way it is reached.
 */
export function findInPackages(fileSystem: FileSystem, from: string, wanted: string): Found {
  const name = packageOf(wanted)!;
  const inside = wanted.slice(name.length + 1);
  let up = "./";
  let last = "";
  for (let level = 0; level < mostLevels; level++, up = level === 1 ? "../" : `../${up}`) {
    const candidate = fileSystem.resolve(from, `${up}node_modules/${name}/package.json`);
    if (candidate === last) break;
    last = candidate;
    const text = fileSystem.read(candidate);
    if (text === undefined) continue;
    const manifest = fileSystem.real?.(candidate) ?? candidate;
    const home = fileSystem.resolve(manifest, ".");
    const path = fileSystem.resolve(manifest, fileOf(text, inside));
    const module = fileSystem.contains(home, path) ? fileSystem.read(path) : undefined;
    return module === undefined ? { kind: "no-module", path } : { kind: "module", path, text: module, home };
  }
  return { kind: "no-package" };
}

/**
 * The file in a package that a `use` means: what `kdsl` in its `package.json` names for the package itself, what `exports` names with
 * a `.kdsl` file or under the condition `kdsl`, else the file of that path.
 */
function fileOf(manifest: string, inside: string): string {
  const { kdsl, exports } = contentOf(manifest);
  const exported = exports?.[inside === "" ? "." : `./${inside}`];
  const named = [exported?.kdsl, exported].find(isModule);
  const own = inside === "" && typeof kdsl === "string" && kdsl !== "" ? kdsl : named;
  const file = own ?? `${inside === "" ? "main" : inside}.kdsl`;
  return file.startsWith(".") ? file : `./${file}`;
}

const isModule = (name: unknown): name is string => typeof name === "string" && name.endsWith(".kdsl");

interface PackageManifest {
  readonly kdsl?: unknown;
  readonly exports?: Readonly<Record<string, { readonly kdsl?: unknown } | undefined>>;
}

function contentOf(manifest: string): PackageManifest {
  try {
    return (JSON.parse(manifest) as PackageManifest | null) ?? {};
  } catch {
    return {};
  }
}
