import { blockSchemas } from "../../types/blocks/index.ts";
import { camelCase, isName, memberAccess, quoted } from "./literals.ts";
import { isRecord, type Json, textMapOf } from "./reader.ts";

/** All objects of an import together: what each is called, who means whom. */

/** An object of the input, under the name that it has in the program. */
export interface Declared {
  readonly kind: string;
  readonly word: Word;
  readonly name: string;
  /** Undefined for what belongs to the whole cluster. */
  readonly namespace: string | undefined;
  /** How the program refers to it. */
  readonly alias: string;
  readonly object: Json;
}

export type Word =
  | "pod"
  | "rc"
  | "service"
  | "config"
  | "secret"
  | "node"
  | "namespace"
  | "claim"
  | "account"
  | "manifest";

export const words: Readonly<Record<string, Word>> = {
  Pod: "pod",
  ReplicationController: "rc",
  Service: "service",
  ConfigMap: "config",
  Secret: "secret",
  Node: "node",
  Namespace: "namespace",
  PersistentVolumeClaim: "claim",
  ServiceAccount: "account",
};

/** A pod, or an rc with the pods that it makes. */
export interface Workload {
  readonly declared: Declared;
  readonly labels: Labels;
  /** The labels that selectors use. */
  readonly identity: Labels;
}

export type Labels = Readonly<Record<string, string>>;

/** What the program needs and the input does not have. */
export interface External {
  readonly word: Word;
  readonly name: string;
  readonly namespace: string;
  readonly alias: string;
  /** Keys of a config or secret that are read. */
  readonly keys: Set<string>;
  /** The labels of pods. */
  readonly identity?: Labels;
}

export interface Scene {
  readonly declared: readonly Declared[];
  readonly workloads: readonly Workload[];
  /** Names of label keys, by key. */
  readonly labels: Map<string, string>;
  readonly externals: Map<string, External>;
  /** Labels of the pods that objects of other kinds make. */
  readonly foreign: readonly { readonly namespace: string; readonly labels: Labels }[];
  /** Functions of std/probe that are used. */
  readonly probes: Set<string>;
}

/** Names that mean something else where an object could be named: functions, and what is around. */
const taken = new Set(
  "pod container nodes pods rcs services http tcp exec env file bytes kibibytes mebibytes gibibytes cores millicores milliseconds seconds minutes rem floor ceil round min max sum length join split replace lower upper startsWith endsWith keys values any all use param let fn type label template extend drop mount require assert policy scenario profile external manifest".split(
    " ",
  ),
);

/** What is named inside of a pod or service, or after `label`, where no other meaning is near. */
const members = new Set(["port", "volume", "container", "label"]);

/** The name itself where it can be one, else one like it. */
export function aliasFor(name: string, word: string, used: ReadonlySet<string> = new Set()): string {
  const isTaken = (text: string) => !members.has(word) && taken.has(text);
  let alias = isName(name) && !isTaken(name) ? name : camelCase(name);
  if (!isName(alias) || isTaken(alias)) alias = `${alias}${word[0]!.toUpperCase()}${word.slice(1)}`;
  let candidate = alias;
  for (let count = 2; used.has(candidate); count++) candidate = `${alias}${count}`;
  return candidate;
}

/** `web`, or `"3scale" as n3scale` where the name cannot stand bare. */
export const nameWritten = (name: string, alias: string): string =>
  name === alias ? name : `${quoted(name)} as ${alias}`;

/** `kept` are the places of objects that are kept as they are: nothing can refer to them. */
export function makeScene(objects: readonly Json[], kept: ReadonlySet<number>): Scene {
  const declared: Declared[] = [];
  const used = new Map<string, Set<string>>();
  for (const [index, object] of objects.entries()) {
    const kind = String(object.kind);
    const metadata = isRecord(object.metadata) ? object.metadata : {};
    const known =
      Object.hasOwn(words, kind) &&
      Object.hasOwn(blockSchemas, words[kind]!) &&
      object.apiVersion === "v1" &&
      !kept.has(index);
    const word = known ? words[kind]! : "manifest";
    const name = typeof metadata.name === "string" ? metadata.name : "";
    const clusterWide = word === "node" || word === "namespace";
    const namespace = clusterWide
      ? undefined
      : typeof metadata.namespace === "string" && metadata.namespace !== ""
        ? metadata.namespace
        : "default";
    const space = `${word}/${namespace ?? ""}`;
    const names = used.get(space) ?? new Set();
    used.set(space, names);
    const alias = aliasFor(name, word, names);
    names.add(alias);
    declared.push({ kind, word, name, namespace, alias, object });
  }
  const scene = {
    declared,
    labels: new Map(),
    externals: new Map(),
    probes: new Set<string>(),
    foreign: declared.filter(({ word }) => word === "manifest").map(madePods),
  };
  return { ...scene, workloads: findWorkloads(declared) };
}

// ── Selection ──────────────────────────────────────────────────────────────────────────────────────────────

const inside = (value: unknown, ...keys: string[]): unknown =>
  keys.reduce<unknown>((at, key) => (isRecord(at) ? at[key] : undefined), value);

export const matches = (selector: Labels, labels: Labels): boolean =>
  Object.entries(selector).every(([key, value]) => labels[key] === value);

export const equal = (left: Labels, right: Labels): boolean =>
  Object.keys(left).length === Object.keys(right).length && matches(left, right);

const isEmpty = (labels: Labels) => Object.keys(labels).length === 0;

/**
 * Pods and rcs with the labels that selectors use: an rc's own selector; for a pod what the service selects by that
 * bears its name, else the first that selects it.
 */
function findWorkloads(declared: readonly Declared[]): Workload[] {
  const services = declared.filter(({ word }) => word === "service");
  return declared.flatMap((one): Workload[] => {
    if (one.word !== "rc" && one.word !== "pod") return [];
    const template = one.word === "rc" ? inside(one.object, "spec", "template") : one.object;
    const labels = textMapOf(inside(template, "metadata", "labels"));
    if (one.word === "rc") {
      const selector = textMapOf(inside(one.object, "spec", "selector"));
      const identity = isEmpty(selector) ? labels : selector;
      return [{ declared: one, labels, identity: matches(identity, labels) ? identity : {} }];
    }
    const selectors = services
      .filter(({ namespace }) => namespace === one.namespace)
      .map(({ name, object }) => ({ name, selector: textMapOf(inside(object, "spec", "selector")) }))
      .filter(({ selector }) => !isEmpty(selector) && matches(selector, labels));
    const chosen = selectors.find(({ name }) => name === one.name) ?? selectors[0];
    return [{ declared: one, labels, identity: chosen?.selector ?? {} }];
  });
}

/** The labels of the pods that an object of another kind makes, where it says so in the usual place. */
function madePods({ object, namespace = "default" }: Declared): Scene["foreign"][number] {
  const template =
    inside(object, "spec", "template") ?? inside(object, "spec", "jobTemplate", "spec", "template") ?? object;
  return { namespace, labels: textMapOf(inside(template, "metadata", "labels")) };
}

/** The workloads of a namespace that a selector matches. */
export const selected = (scene: Scene, namespace: string | undefined, selector: Labels): Workload[] =>
  scene.workloads.filter(
    ({ declared, labels }) => declared.namespace === namespace && matches(selector, labels),
  );

export const workloadOf = (scene: Scene, declared: Declared): Workload | undefined =>
  scene.workloads.find((workload) => workload.declared === declared);

// ── References ─────────────────────────────────────────────────────────────────────────────────────────────

export const find = (
  scene: Scene,
  word: Word,
  namespace: string | undefined,
  name: string,
): Declared | undefined =>
  scene.declared.find((one) => one.word === word && one.namespace === namespace && one.name === name);

/** How an object is named where one of `fitting` is asked for: bare, or with its kind where two have the name. */
export function refer(scene: Scene, declared: Declared, fitting: readonly Word[], from?: string): string {
  const same = scene.declared.filter(
    ({ alias, namespace, word }) =>
      alias === declared.alias && namespace === declared.namespace && fitting.includes(word),
  );
  const name = same.length > 1 ? `${declared.word}.${declared.alias}` : declared.alias;
  const elsewhere =
    from !== undefined && declared.namespace !== undefined && declared.namespace !== from && from !== "";
  if (!elsewhere) return name;
  const namespace = find(scene, "namespace", undefined, declared.namespace!);
  return `${namespace?.alias ?? aliasFor(declared.namespace!, "namespace")}.${name}`;
}

/**
 * Pods that a service of the program sends to and the program does not have, under the service's name; undefined where
 * objects of other kinds make such pods.
 */
export function podsOutside(scene: Scene, service: Declared, selector: Labels): string | undefined {
  const { namespace = "default", name } = service;
  if (scene.foreign.some((one) => one.namespace === namespace && matches(selector, one.labels)))
    return undefined;
  const id = `pod/${namespace}/${JSON.stringify(Object.entries(selector).sort())}`;
  const known = scene.externals.get(id);
  if (known) return known.alias;
  const used = [...scene.externals.values()].filter(
    (one) => one.word === "pod" && one.namespace === namespace,
  );
  const own = scene.declared.filter((one) => one.word === "pod" && one.namespace === namespace);
  const alias = aliasFor(name, "pod", new Set([...used, ...own].map((one) => one.alias)));
  // A name of its own in Kubernetes does not matter: it stands for any number of pods.
  scene.externals.set(id, {
    word: "pod",
    name: alias,
    namespace,
    alias,
    keys: new Set(),
    identity: selector,
  });
  return alias;
}

/** How a config, secret, claim or account is named, which the program declares as one outside when nobody else does. */
export function referOrDeclare(
  scene: Scene,
  word: "config" | "secret" | "claim" | "account",
  namespace: string,
  name: string,
  key?: string,
): string {
  const known = find(scene, word, namespace, name);
  if (known)
    return `${refer(scene, known, ["config", "secret"])}${key === undefined ? "" : keyAccess(word, key)}`;
  const id = `${word}/${namespace}/${name}`;
  const external: External = scene.externals.get(id) ?? {
    word,
    name,
    namespace,
    alias: aliasFor(name, word),
    keys: new Set(),
  };
  scene.externals.set(id, external);
  if (key !== undefined) external.keys.add(key);
  return `${external.alias}${key === undefined ? "" : memberAccess(key)}`;
}

/** A key that is a word of the block is named as a key: `settings["labels"]`. */
const keyAccess = (word: string, key: string): string =>
  Object.hasOwn(blockSchemas[word]?.fields ?? {}, key) ? `[${quoted(key)}]` : memberAccess(key);

/** The name of a label key, which the program thereby declares. */
export function labelName(scene: Scene, key: string): string {
  const known = scene.labels.get(key);
  if (known !== undefined) return known;
  const used = new Set(scene.labels.values());
  const last = key.slice(key.lastIndexOf("/") + 1);
  let name = isName(key) ? key : aliasFor(last, "label", used);
  if (used.has(name)) name = aliasFor(key, "label", used);
  scene.labels.set(key, name);
  return name;
}
