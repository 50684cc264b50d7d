import { block, field, list, type Member, record } from "../write/layout.ts";
import { key, quoted, text } from "../write/literals.ts";
import { entries, isRecord, items, type Part, take, textOf } from "../write/reader.ts";
import { aliasFor, nameWritten } from "../write/scene.ts";
import type { Vault } from "./environment.ts";
import { type Compose, type ComposeService, kubernetesName } from "./model.ts";
import type { Storage } from "./volumes.ts";

/** What stands beside the services: secrets, configs, env files, and the configs of single files. */

export interface Outside {
  readonly compose: Compose;
  readonly vault: Vault;
  /** Functions of std/probe that are used. */
  readonly probes: Set<string>;
  /** The name of the label that services are told apart by. */
  readonly app: string;
  /** Secrets and configs that were made on the way. */
  readonly made: Member[];
  /** A free port of the nodes, like the one that was published. */
  nodePort(published: number): number;
  /** The config of the files that a service mounts one by one. */
  filesAlias(service: ComposeService): string;
  /** Mounts the secrets and configs that the service asks for. */
  mountGiven(service: ComposeService, storage: Storage): void;
}

export const filesName = (service: ComposeService): string => `${service.name}-files`;

export function writeFilesOf(
  { compose }: Outside,
  service: ComposeService,
  files: ReadonlyMap<string, string>,
): Member {
  const name = filesName(service);
  return {
    head: `config ${nameWritten(name, aliasFor(name, "config"))} `,
    value: block(
      [...files].map(([file, source]) => field(key(file), `file(${quoted(compose.files.written(source))})`)),
    ),
    apart: true,
  };
}

/** The variables of env files: values from outside, all of them in a secret. */
export function fileSecrets(outside: Outside, service: ComposeService, part: Part | undefined): string[] {
  if (!part) return [];
  const given = Array.isArray(part.value) ? items(part) : [part];
  const sources: string[] = [];
  for (const one of given) {
    const path = textOf(one) ?? textOf(take(one, "path"));
    take(one, "required");
    if (path === undefined) continue;
    const name = `${service.name}-env${sources.length === 0 ? "" : `-${sources.length + 1}`}`;
    const alias = aliasFor(name, "secret");
    const content = outside.compose.files.read(path);
    const values = content === undefined ? [] : parseEnvFile(content);
    const members = values.map(([variable, value]) => {
      const known = outside.vault.files.variables.get(variable);
      const free =
        known === undefined || known === value
          ? variable
          : `${service.name}_${variable}`.toUpperCase().replace(/-/g, "_");
      outside.vault.files.variables.set(free, value);
      return field(key(variable), `env("${free}")`);
    });
    const note =
      content === undefined
        ? `the variables of ${path} are to be written here: NAME: env("NAME")`
        : `the variables of ${path}`;
    outside.made.push({
      head: `secret ${nameWritten(name, alias)} `,
      value: block(members),
      apart: true,
      comments: [note],
    });
    sources.push(alias);
  }
  return sources;
}

export function parseEnvFile(content: string): [string, string][] {
  return content.split(/\r?\n/).flatMap((line): [string, string][] => {
    const match = /^\s*(?:export\s+)?([A-Za-z_][\w.-]*)\s*=\s*(.*?)\s*$/.exec(line);
    if (!match) return [];
    const [, name = "", value = ""] = match;
    const inQuotes = /^(["'])(.*)\1$/.exec(value);
    return [[name, inQuotes ? inQuotes[2]! : value.replace(/\s+#.*$/, "")]];
  });
}

// ── Secrets and configs of the whole file ──────────────────────────────────────────────────────────────────

export interface Given {
  readonly word: "secret" | "config";
  readonly name: string;
  readonly alias: string;
  readonly key: string;
}

/** The declarations, and how each is found by the services that ask for it. */
export function writeGiven(
  compose: Compose,
  root: Part,
  word: "secret" | "config",
  found: Map<string, Given>,
): Member[] {
  return entries(take(root, `${word}s`)).map(([host, part]): Member => {
    const name = kubernetesName(textOf(take(part, "name")) ?? host);
    const alias = aliasFor(name, word);
    found.set(`${word}/${host}`, { word, name, alias, key: "value" });
    const file = textOf(take(part, "file"));
    const variable = textOf(take(part, "environment"));
    const content = textOf(take(part, "content"));
    if (take(part, "external")?.value === true)
      return {
        head: `external ${word} ${nameWritten(name, alias)} `,
        value: record([field("keys", list(quoted("value")))]),
        path: part.path,
        apart: true,
      };
    const value =
      file !== undefined
        ? `file(${quoted(compose.files.written(file))})`
        : content !== undefined
          ? text(content)
          : variable !== undefined && word === "secret"
            ? `env(${quoted(variable)})`
            : undefined;
    return {
      head: `${word} ${nameWritten(name, alias)} `,
      value: block(value === undefined ? [] : [field("value", value)]),
      path: part.path,
      apart: true,
      ...(value === undefined
        ? { comments: ["where its value comes from is to be filled in: `value: …`"] }
        : {}),
    };
  });
}

export function mountGiven(
  found: ReadonlyMap<string, Given>,
  service: ComposeService,
  storage: Storage,
): void {
  for (const word of ["secret", "config"] as const) {
    for (const one of items(take(service.part, `${word}s`))) {
      const source = textOf(one) ?? textOf(take(one, "source"));
      const given = source === undefined ? undefined : found.get(`${word}/${source}`);
      if (!given || source === undefined) {
        storage.notes.push(`not taken over: the ${word} ${source ?? one.path}`);
        continue;
      }
      const target = isRecord(one.value) ? textOf(take(one, "target")) : undefined;
      const path = pathOf(word, source, target);
      const file = path.slice(path.lastIndexOf("/") + 1);
      const volume = aliasFor(given.name, "volume");
      if (!storage.volumes.some(({ head }) => head === `volume ${volume}: `))
        storage.volumes.push({
          head: `volume ${volume}: `,
          value: `${word}(${given.alias}, items: { ${given.key}: ${quoted(file)} })`,
        });
      storage.mounts.push({
        head: `mount ${volume} at ${quoted(path)} readonly`,
        body: record([field("subPath", quoted(file))]),
      });
    }
  }
}

function pathOf(word: string, source: string, target: string | undefined): string {
  if (target?.startsWith("/")) return target;
  return word === "secret" ? `/run/secrets/${target ?? source}` : `/${target ?? source}`;
}
