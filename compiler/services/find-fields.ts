import { nearest } from "../../base/edit-distance.ts";
import { type KubernetesObject, keyOf, type ObjectKey, objectKey } from "../../model/meta.ts";
import type { FieldPath, Plan } from "../../model/plan.ts";
import { child, item } from "../plan/paths.ts";
import { lineMap } from "../source/line-map.ts";
import type { SourceFile } from "../source/source.ts";
import { blockSchemas } from "../types/blocks/index.ts";
import { wordOf } from "../verify/cluster.ts";

/** A field of a plan's object; the path "" is the object itself. */
export interface FoundField {
  readonly object: KubernetesObject;
  readonly key: ObjectKey;
  readonly path: FieldPath;
  readonly value: unknown;
  /** The shortest path that means just this field: `web.server.image`. */
  readonly shown: string;
}

/** One step of the way to a field, with all names that it goes by. */
type Step = readonly string[];

interface Candidate {
  readonly path: FieldPath;
  readonly steps: readonly Step[];
  readonly value: unknown;
}

/**
 * The fields that a path means: an object's name (`web`, `rc.web`, `data.db` in a namespace), then names of fields in
 * KDSL's words or Kubernetes', containers and other items by their names. Steps may be left out as long as the last
 * one is there: `web.requests.cpu`, `web.server.image`. The nearest fields, more than one where several are as near.
 */
export function findFields(plan: Plan, text: string, aliases: Aliases = new Map()): readonly FoundField[] {
  const segments = splitPath(text);
  const found = plan.objects.flatMap((given) => {
    const rest = restAfter(given, segments, aliases);
    if (!rest) return [];
    const object = withSources(plan, given);
    return matches(object, rest).map(({ path, value, extra }) => ({ object, path, value, extra }));
  });
  const least = Math.min(...found.map(({ extra }) => extra));
  return found
    .filter(({ extra }) => extra === least)
    .map(({ object, path, value }) => ({
      object,
      key: keyOf(object),
      path,
      value,
      shown: show(object, path),
    }));
}

/** What files call objects that have another name in the cluster: `shop` for `namespace "shop-{stage}" as shop`. */
export type Aliases = ReadonlyMap<ObjectKey, string>;

/** By what stands where an object was declared; what a template declares is known by the name of its use. */
export function aliasesOf(plan: Plan, files: readonly SourceFile[]): Aliases {
  const found = new Map<ObjectKey, string>();
  for (const object of plan.objects) {
    const key = keyOf(object);
    const place = plan.provenance[key]?.[""];
    const file = place && !place.via && files.find(({ path }) => path === place.file);
    if (!file) continue;
    const start = lineMap(file).offset(place);
    const name = /^[A-Za-z_][\w-]*/.exec(file.text.slice(start, start + 300))?.[0];
    if (name !== undefined && name !== "manifest" && name !== object.metadata.name) found.set(key, name);
  }
  return found;
}

/** A secret with where its values come from, which is beside the objects. */
function withSources(plan: Plan, object: KubernetesObject): KubernetesObject {
  const sources = object.kind === "Secret" ? plan.secrets[keyOf(object)] : undefined;
  return sources ? ({ ...object, data: sources } as KubernetesObject) : object;
}

/** The name of a field that is near to one that a path has and no object knows; undefined where there is none. */
export function nearestField(plan: Plan, text: string): string | undefined {
  const segments = splitPath(text);
  const last = segments.at(-1) ?? "";
  const names = new Set<string>();
  for (const object of plan.objects)
    if (restAfter(object, segments))
      for (const { steps } of candidates(object)) for (const name of steps.at(-1)!) names.add(name);
  return nearest(last, [...names, ...wordsInKubernetes().keys()]);
}

/** The parts of a path between dots; what stands in brackets or quotes is one part. */
export function splitPath(text: string): readonly string[] {
  return [...text.matchAll(/\["?([^"\]]*)"?\]|"([^"]*)"|[^.[\]"]+/g)].map(
    ([whole, bracketed, quoted]) => bracketed ?? quoted ?? whole,
  );
}

/** What follows the object's name in the path; undefined where the path does not begin with a name of it. */
function restAfter(
  object: KubernetesObject,
  segments: readonly string[],
  aliases: Aliases = new Map(),
): readonly string[] | undefined {
  const { name, namespace } = object.metadata;
  const word = wordOf(object.kind);
  const alias = aliases.get(keyOf(object));
  const names = [splitPath(name), name.split("-"), ...(alias === undefined ? [] : [[alias]])];
  const around =
    namespace === undefined ? [] : [namespace, aliases.get(objectKey("Namespace", undefined, namespace))];
  const spaces = around.filter((one) => one !== undefined);
  const heads = names.flatMap((own) => [
    own,
    [word, ...own],
    ...spaces.flatMap((space) => [
      [space, ...own],
      [space, word, ...own],
    ]),
  ]);
  const fitting = heads.filter((head) => head.every((part, index) => part === segments[index]));
  const longest = fitting.sort((a, b) => b.length - a.length)[0];
  return longest && segments.slice(longest.length);
}

/** The object's fields whose way holds the segments in their order and ends with the last of them. */
function matches(
  object: KubernetesObject,
  segments: readonly string[],
): readonly { path: FieldPath; value: unknown; extra: number }[] {
  if (segments.length === 0) return [{ path: "", value: object, extra: 0 }];
  const whole = segments.join(".");
  return candidates(object).flatMap(({ path, steps, value }) => {
    // Keys of configs and labels may have dots themselves.
    if (segments.length > 1 && steps.at(-1)!.includes(whole))
      return [{ path, value, extra: steps.length - segments.length }];
    if (!goesBy(steps.at(-1)!, segments.at(-1)!)) return [];
    // The labels of an rc may be those of its pods; an identity is the pods' alone.
    if (
      segments.includes("identity") &&
      object.kind === "ReplicationController" &&
      !/\btemplate\b/.test(path)
    )
      return [];
    let next = 0;
    for (const step of steps) if (next < segments.length && goesBy(step, segments[next]!)) next++;
    return next === segments.length ? [{ path, value, extra: steps.length - segments.length }] : [];
  });
}

const goesBy = (step: Step, segment: string): boolean =>
  step.includes(segment) || translations(segment).some((name) => step.includes(name));

/** Every field of an object, whole or in part, with the names of the steps that lead to it. */
function candidates(object: KubernetesObject): readonly Candidate[] {
  const found: Candidate[] = [];
  const visit = (value: unknown, path: FieldPath, steps: readonly Step[]): void => {
    if (steps.length > 0) found.push({ path, steps, value });
    if (Array.isArray(value))
      value.forEach((each, index) => {
        const own = nameOf(each);
        visit(each, item(path, index), [
          ...steps,
          own === undefined ? [String(index)] : [String(index), own],
        ]);
      });
    else if (typeof value === "object" && value !== null)
      for (const [key, each] of Object.entries(value)) visit(each, child(path, key), [...steps, [key]]);
  };
  visit(object, "", []);
  return found;
}

function nameOf(item: unknown): string | undefined {
  const { name, mountPath } = (item ?? {}) as { name?: unknown; mountPath?: unknown };
  if (typeof mountPath === "string") return mountPath;
  return typeof name === "string" ? name : undefined;
}

let known: ReadonlyMap<string, readonly string[]> | undefined;

/** What a word of KDSL's blocks is called in Kubernetes: `ready` is `readinessProbe`. */
function translations(word: string): readonly string[] {
  known ??= wordsInKubernetes();
  return known.get(word) ?? [];
}

function wordsInKubernetes(): ReadonlyMap<string, readonly string[]> {
  const words = new Map<string, string[]>();
  const enter = (word: string, path: string | readonly string[] | undefined) => {
    for (const one of typeof path === "string" ? [path] : (path ?? [])) {
      const last =
        one
          .replace(/\[\]|\{\}/g, "")
          .split(".")
          .at(-1) ?? "";
      if (last !== "" && last !== word) words.set(word, [...(words.get(word) ?? []), last]);
    }
  };
  for (const schema of Object.values(blockSchemas)) {
    enter(schema.word, schema.path);
    for (const [word, field] of Object.entries(schema.fields)) enter(word, field.path);
  }
  return words;
}

/** A field as a user would name it: by its object and the names of its steps. */
function show(object: KubernetesObject, path: FieldPath): string {
  const { name, namespace } = object.metadata;
  const head = `${namespace === undefined || namespace === "default" ? "" : `${namespace}.`}${wordOf(object.kind)}.${name}`;
  if (path === "") return head;
  const steps = candidates(object).find((candidate) => candidate.path === path)?.steps ?? [];
  const short = steps
    .map((step) => step.at(-1)!)
    .filter(
      (step, index) =>
        !(index < 3 && ["spec", "template", "metadata"].includes(step)) && step !== "containers",
    )
    .map((step) => (/^[\w-]+$/.test(step) ? step : JSON.stringify(step)));
  return [head, ...short].join(".");
}
