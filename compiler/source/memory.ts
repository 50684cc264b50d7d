import type { FileSystem } from "./source.ts";

/** A file system that holds `files` by their paths, for tests, editors' buffers and the browser. `/` separates. */
export function memoryFileSystem(files: Readonly<Record<string, string>>): FileSystem {
  const texts = new Map(Object.entries(files).map(([path, text]) => [normalizePath(path), text]));
  return {
    read: (path) => texts.get(normalizePath(path)),
    resolve: (from, relative) =>
      relative.startsWith("/") ? normalizePath(relative) : normalizePath(`${directoryOf(from)}${relative}`),
    contains: (directory, path) => {
      const [outer, inner] = [normalizePath(directory), normalizePath(path)];
      if (outer === "") return !/^(\.\.)?\//.test(inner) && inner !== "..";
      return inner === outer || inner.startsWith(outer === "/" ? outer : `${outer}/`);
    },
    list: (path) => {
      const folder = `${normalizePath(path)}/`;
      const found = [...texts.keys()].filter((each) => each.startsWith(folder)).sort();
      return found.length > 0 ? found : undefined;
    },
  };
}

/** The part of a path up to and with its last `/`; "" where there is none. */
function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/") + 1);
}

/** Takes `.`, `..` and doubled separators out of a path. A `..` that leads above an absolute root is dropped. */
export function normalizePath(path: string): string {
  const absolute = path.startsWith("/");
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (!absolute) parts.push(part);
  }
  return `${absolute ? "/" : ""}${parts.join("/")}`;
}
