import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { InterfaceDeclaration } from "ts-morph";
import type { Plugin } from "vite";
import { fieldTable, type TypeName } from "./model/api/fields.ts";
import { homeOfType } from "./model/api/packages.ts";

/**
 * The fields of Kubernetes' core/v1 objects as virtual modules, made from the published types (`kubernetes-types`) when
 * the command is built or a test asks for them; nothing of it is committed. They are three, since every `check` needs
 * the tables and none needs the texts, and an editor has no need of what only the API serves:
 *
 * - `virtual:kubernetes-fields`: what can be declared, in a compact form (see `compiler/types/kubernetes/tables.ts`);
 * - `virtual:kubernetes-texts`: what each type and field is for, and the tables of what only the cluster writes;
 * - `virtual:kubernetes-descriptions`: the texts of the API's other types (`model/api/fields.ts`), for the published schema.
 */

/** The kinds whose fields have a place in the language. */
const kinds = [
  "Pod",
  "Service",
  "ReplicationController",
  "Node",
  "Namespace",
  "ConfigMap",
  "Secret",
  "PersistentVolumeClaim",
  "ServiceAccount",
];

export interface KubernetesTables {
  /** From a type's name to its fields: `name:string! image:string ports:[ContainerPort]`. */
  readonly fields: Readonly<Record<string, string>>;
  /** The same for the types that stand in a `status` only. */
  readonly statusFields: Readonly<Record<string, string>>;
  /** From `Container` and `Container.image` to their descriptions. */
  readonly texts: Readonly<Record<string, string>>;
  /** The same for the types of the API that the language has no place for, by the names of `model/api/fields.ts`. */
  readonly descriptions: Readonly<Record<string, string>>;
}

/** `Array<string>` as `[string]`, `{[name: string]: Quantity}` as `{Quantity}`, `number | string` as `intOrString`. */
function compactType(written: string): string {
  const text = written.replace(/\s+/g, " ").trim();
  const list = /^Array<(.*)>$/.exec(text);
  if (list) return `[${compactType(list[1]!)}]`;
  const map = /^\{ ?\[name: string\]: (.*?);? ?\}$/.exec(text);
  if (map) return `{${compactType(map[1]!)}}`;
  if (text === "number | string") return "intOrString";
  return /^"[^"]*"$/.test(text) ? "string" : text;
}

/** The texts of the API's types, but for those that are known already. */
function describeTypes(
  load: (path: string) => ReadonlyMap<string, InterfaceDeclaration>,
  known: Readonly<Record<string, string>>,
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const type of Object.keys(fieldTable) as TypeName[]) {
    const home = homeOfType(type);
    // These are of a repository of their own.
    if (home.package.startsWith("metrics/")) continue;
    const one = load(`${home.package}.d.ts`).get(home.name);
    if (!one || (home.name === type && /^(core|meta)\//.test(home.package) && Object.hasOwn(known, type)))
      continue;
    found[type] = describe(one);
    for (const property of one.getProperties()) found[`${type}.${property.getName()}`] = describe(property);
  }
  return found;
}

const typesWithin = (fields: string): readonly string[] => fields.match(/\b[A-Z]\w+/g) ?? [];

const describe = (node: { getJsDocs(): { getDescription(): string }[] }): string =>
  node
    .getJsDocs()
    .map((doc) => doc.getDescription().replace(/\s+/g, " ").trim())
    .join(" ");

/** Reads the published types. Parses only: what a name means is found by the name. */
export async function readKubernetesTypes(): Promise<KubernetesTables> {
  const { Project } = await import("ts-morph");
  const require = createRequire(import.meta.url);
  const project = new Project({
    useInMemoryFileSystem: true,
    skipFileDependencyResolution: true,
    skipLoadingLibFiles: true,
  });
  const files = new Map<string, ReadonlyMap<string, InterfaceDeclaration>>();
  const load = (name: string): ReadonlyMap<string, InterfaceDeclaration> => {
    const known = files.get(name);
    if (known) return known;
    const text = readFileSync(require.resolve(`kubernetes-types/${name}`), "utf8");
    const interfaces = project.createSourceFile(name, text).getInterfaces();
    const read = new Map(interfaces.map((one) => [one.getName(), one]));
    files.set(name, read);
    return read;
  };
  const declared = new Map([...load("meta/v1.d.ts"), ...load("core/v1.d.ts")]);
  const texts: Record<string, string> = {};
  const visit = (names: readonly string[], withStatus: boolean) => {
    const found: Record<string, string> = {};
    const enter = (name: string): void => {
      const one = declared.get(name);
      if (!one || Object.hasOwn(found, name)) return;
      texts[name] = describe(one);
      const properties = one.getProperties().filter((each) => withStatus || each.getName() !== "status");
      found[name] = properties
        .map((each) => {
          const key = each.getName();
          texts[`${name}.${key}`] = describe(each);
          const type = compactType(each.getTypeNodeOrThrow().getText());
          return `${key}:${type}${each.hasQuestionToken() ? "" : "!"}`;
        })
        .join(" ");
      for (const inner of typesWithin(found[name])) enter(inner);
    };
    for (const name of names) enter(name);
    return found;
  };
  const fields = visit(kinds, false);
  const all = visit(kinds, true);
  const statusFields = Object.fromEntries(
    Object.entries(all).filter(([name, text]) => fields[name] !== text),
  );
  return { fields, statusFields, texts, descriptions: describeTypes(load, texts) };
}

/** What decides what is made of the types. */
const makers = ["vite.kubernetes.ts", "model/api/fields.ts", "model/api/packages.ts"];

/** Read once for each version of the types and of their makers: reading them takes a second. */
async function cachedTables(): Promise<KubernetesTables> {
  const require = createRequire(import.meta.url);
  const { version } = JSON.parse(readFileSync(require.resolve("kubernetes-types/package.json"), "utf8"));
  const hash = createHash("sha256");
  for (const file of makers) hash.update(readFileSync(new URL(file, import.meta.url)));
  const maker = hash.digest("hex");
  const folder = fileURLToPath(new URL("node_modules/.cache/kdsl", import.meta.url));
  const path = `${folder}/kubernetes-types-${version}-${maker.slice(0, 16)}.json`;
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    const made = await readKubernetesTypes();
    mkdirSync(folder, { recursive: true });
    writeFileSync(`${path}.${process.pid}`, JSON.stringify(made));
    renameSync(`${path}.${process.pid}`, path);
    return made;
  }
}

let tables: Promise<KubernetesTables> | undefined;

const form = (value: unknown) => JSON.stringify(value).replace(/[\u2028\u2029]/g, "");

/** Serves the modules to the bundler and to the tests. */
export function kubernetesTypes(): Plugin {
  return {
    name: "kubernetes-types",
    resolveId: { filter: { id: /^virtual:kubernetes-/ }, handler: (id) => `\0${id}` },
    load: {
      filter: { id: /^\0virtual:kubernetes-/ },
      async handler(id) {
        tables ??= cachedTables();
        const { fields, statusFields, texts, descriptions } = await tables;
        if (id.endsWith("descriptions")) return `export const descriptions = ${form(descriptions)};`;
        if (id.endsWith("fields")) return `export const fields = ${form(fields)};`;
        return `export const texts = ${form(texts)};\nexport const statusFields = ${form(statusFields)};`;
      },
    },
  };
}
