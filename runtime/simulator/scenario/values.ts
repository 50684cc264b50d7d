import type { ObjectKey } from "../../../model/meta.ts";
import type { Place } from "../../../model/plan.ts";

/** What an expression of a scenario gives: see `Expression` in model/scenario.ts. */
export type Value = number | string | boolean | null | readonly Value[] | ObjectSet;

/** Objects by their names, whether or not they exist at this moment; or containers of pods. */
export interface ObjectSet {
  readonly type: "set";
  readonly members: readonly Reference[];
}

export interface Reference {
  readonly key: ObjectKey;
  /** Of a pod: this container of it rather than the pod. */
  readonly container?: string;
}

export type Environment = ReadonlyMap<string, Value>;

/** An expression that has no value in this state. A run that meets one has failed, at this place. */
export class EvaluationError extends Error {
  readonly place: Place | undefined;

  constructor(message: string, place: Place | undefined) {
    super(message);
    this.name = "EvaluationError";
    this.place = place;
  }
}

export function isSet(value: Value): value is ObjectSet {
  return typeof value === "object" && value !== null && "type" in value;
}

export const setOf = (keys: readonly ObjectKey[]): ObjectSet => ({
  type: "set",
  members: keys.map((key) => ({ key })),
});

export const kindOf = (key: ObjectKey): string => key.slice(0, key.indexOf("/"));

export const nameOf = (key: ObjectKey): string => key.slice(key.lastIndexOf("/") + 1);

export function namespaceOf(key: ObjectKey): string | undefined {
  const parts = key.split("/");
  return parts.length === 3 ? parts[1] : undefined;
}

/** An object as reports name it: `web`, or `shop/web` outside of the default namespace. */
export function shortName(key: ObjectKey): string {
  const namespace = namespaceOf(key);
  return namespace && namespace !== "default" ? `${namespace}/${nameOf(key)}` : nameOf(key);
}

export const memberName = ({ key, container }: Reference): string =>
  container === undefined ? shortName(key) : `${shortName(key)}.${container}`;

export function sameValue(left: Value, right: Value): boolean {
  if (isSet(left) || isSet(right)) {
    if (!isSet(left) || !isSet(right) || left.members.length !== right.members.length) return false;
    return left.members.every((member) => contains(right, member));
  }
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!Array.isArray(left) || !Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => sameValue(item as Value, right[index] as Value));
  }
  return left === right;
}

export function contains(set: ObjectSet, { key, container }: Reference): boolean {
  return set.members.some((member) => member.key === key && member.container === container);
}

/** What a value is, for messages: "a number", "2 nodes". */
export function describe(value: Value): string {
  if (value === null) return "none";
  if (isSet(value)) {
    const { members } = value;
    if (members.length === 0) return "an empty set";
    return members.length === 1 ? memberName(members[0]!) : `a set of ${members.length}`;
  }
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
