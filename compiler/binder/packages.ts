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
 * Finds a package's module as Node finds packages: in the nearest `node_modules` above the file `from`. The package's
 * own module is the file that `kdsl` in its `package.json` names, else `main.kdsl`; what follows the package's name
 * is the path of another, without its ending.
 */
export function findInPackages(fileSystem: FileSystem, from: string, wanted: string): Found {
  const name = packageOf(wanted)!;
  const inside = wanted.slice(name.length + 1);
  let up = "./";
  let last = "";
  for (let level = 0; level < mostLevels; level++, up = level === 1 ? "../" : `../${up}`) {
    const manifest = fileSystem.resolve(from, `${up}node_modules/${name}/package.json`);
    if (manifest === last) break;
    last = manifest;
    const text = fileSystem.read(manifest);
    if (text === undefined) continue;
    const home = fileSystem.resolve(manifest, ".");
    const file = inside === "" ? mainOf(text) : `./${inside}.kdsl`;
    const path = fileSystem.resolve(manifest, file);
    const module = fileSystem.contains(home, path) ? fileSystem.read(path) : undefined;
    return module === undefined ? { kind: "no-module", path } : { kind: "module", path, text: module, home };
  }
  return { kind: "no-package" };
}

function mainOf(manifest: string): string {
  try {
    const { kdsl } = JSON.parse(manifest) as { kdsl?: unknown };
    if (typeof kdsl === "string" && kdsl !== "") return kdsl.startsWith(".") ? kdsl : `./${kdsl}`;
  } catch {}
  return "./main.kdsl";
}
