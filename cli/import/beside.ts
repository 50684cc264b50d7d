import { readFileSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { FilesBeside } from "../../compiler/import/compose/model.ts";

const largest = 1024 * 1024;

/** What lies beside a compose file, for a program that is written to `folder` (beside it, when nothing is said). */
export function filesBeside(compose: string, folder = dirname(compose)): FilesBeside {
  const from = dirname(resolve(compose));
  const at = (path: string) =>
    path.startsWith("~/") ? join(process.env.HOME ?? "~", path.slice(2)) : resolve(from, path);
  const statusOf = (path: string) => {
    try {
      return statSync(at(path));
    } catch {
      return undefined;
    }
  };
  return {
    read: (path) => {
      const status = statusOf(path);
      if (!status?.isFile() || status.size > largest) return undefined;
      try {
        const bytes = readFileSync(at(path));
        return bytes.includes(0) ? undefined : new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      } catch {
        return undefined;
      }
    },
    kind: (path) => {
      const status = statusOf(path);
      return status?.isFile() ? "file" : status?.isDirectory() ? "directory" : undefined;
    },
    absolute: at,
    written: (path) => {
      if (isAbsolute(path) || path.startsWith("~")) return at(path);
      const seen = relative(resolve(folder), at(path));
      return /^\.\.?(?:\/|$)/.test(seen) ? seen : `./${seen}`;
    },
  };
}

/** What compose calls a project that has no name: the folder. */
export const projectName = (compose: string): string => basename(dirname(resolve(compose)));
