import type { Expression } from "../../../model/scenario.ts";
import { matches } from "../../../model/selector.ts";
import { observationParts, observe } from "./observations.ts";
import { operate } from "./operators.ts";
import {
  describe,
  type Environment,
  EvaluationError,
  isSet,
  memberName,
  nameOf,
  namespaceOf,
  type ObjectSet,
  type Reference,
  setOf,
  type Value,
} from "./values.ts";
import { objectOf, parts, podsOf, type View } from "./view.ts";

/**
 * The value of an expression in the state that the view shows. Throws `EvaluationError` where it has none, with the
 * place of the innermost part that says where it was written.
 */
export function evaluate(view: View, expression: Expression, environment: Environment): Value {
  try {
    return evaluateHere(view, expression, environment);
  } catch (error) {
    if (error instanceof EvaluationError && error.place === undefined && expression.place)
      throw new EvaluationError(error.message, expression.place);
    throw error;
  }
}

function evaluateHere(view: View, expression: Expression, environment: Environment): Value {
  const inner = (part: Expression, bound = environment) => evaluate(view, part, bound);
  switch (expression.type) {
    case "literal":
      return expression.value;
    case "list":
      return expression.items.map((item) => inner(item));
    case "variable": {
      const value = environment.get(expression.name);
      if (value === undefined) throw new EvaluationError(`there is no ${expression.name} here`, undefined);
      return value;
    }
    case "objects":
      return setOf(expression.keys);
    case "all":
      return allOf(view, expression);
    case "containers":
      return containersOf(view, wantSet(inner(expression.of)), expression.name);
    case "observe": {
      const of = expression.of && wantSet(inner(expression.of));
      return observe(view, expression.observation, of);
    }
    case "member": {
      const { key } = wantOne(inner(expression.of), expression.name);
      return expression.name === "name" ? nameOf(key) : (namespaceOf(key) ?? null);
    }
    case "label":
      return labelOf(view, wantOne(inner(expression.of), "a label"), expression.key);
    case "operator":
      return operate(
        expression.operator,
        expression.operands.map((operand) => () => inner(operand)),
      );
    case "if":
      return wantBool(inner(expression.condition)) ? inner(expression.then) : inner(expression.else);
    case "call":
      return call(
        expression.function,
        expression.arguments.map((each) => inner(each)),
      );
    case "comprehension":
      return membersOf(inner(expression.over)).flatMap((value) => {
        const bound = new Map(environment).set(expression.variable, value);
        if (expression.where && !wantBool(inner(expression.where, bound))) return [];
        return [inner(expression.give, bound)];
      });
  }
}

function allOf(view: View, { kind, namespace, selector }: Extract<Expression, { type: "all" }>): ObjectSet {
  const found = view.client.list(kind, namespace === undefined ? {} : { namespace });
  const members: Reference[] = [];
  for (const { metadata } of found) {
    if (selector && !matches(selector, metadata.labels)) continue;
    members.push({
      key: kind === "Node" ? `Node/${metadata.name}` : `${kind}/${metadata.namespace}/${metadata.name}`,
    });
  }
  return { type: "set", members };
}

function containersOf(view: View, of: ObjectSet, name: string): ObjectSet {
  const members: Reference[] = [];
  for (const { key } of of.members)
    for (const { metadata, spec } of podsOf(view, key))
      if ([...spec.containers, ...(spec.initContainers ?? [])].some((container) => container.name === name))
        members.push({ key: `Pod/${metadata.namespace}/${metadata.name}`, container: name });
  return { type: "set", members };
}

function labelOf(view: View, { key }: Reference, label: string): Value {
  const object = objectOf(view, key);
  if (!object) throw new EvaluationError(`${key} does not exist at this moment`, undefined);
  const labels = object.metadata.labels ?? {};
  return Object.hasOwn(labels, label) ? labels[label]! : null;
}

/** The members of a set as sets of one, the items of a list. */
export function membersOf(value: Value): readonly Value[] {
  if (isSet(value)) return value.members.map((member) => ({ type: "set", members: [member] }));
  if (Array.isArray(value)) return value as readonly Value[];
  throw new EvaluationError(`${describe(value)} has no members`, undefined);
}

export function wantSet(value: Value): ObjectSet {
  if (isSet(value)) return value;
  // A list of objects, as a comprehension gives it, is a set; so is an empty list.
  if (Array.isArray(value) && (value as readonly Value[]).every((item) => isSet(item)))
    return { type: "set", members: (value as readonly ObjectSet[]).flatMap(({ members }) => members) };
  if (value === null) return { type: "set", members: [] };
  throw new EvaluationError(`${describe(value)} is no object of the cluster`, undefined);
}

function wantOne(value: Value, what: string): Reference {
  const { members } = wantSet(value);
  if (members.length !== 1)
    throw new EvaluationError(`${what} is about one object, and this is ${describe(value)}`, undefined);
  return members[0]!;
}

export function wantBool(value: Value): boolean {
  if (typeof value === "boolean") return value;
  throw new EvaluationError(`${describe(value)} is neither true nor false`, undefined);
}

export function wantNumber(value: Value): number {
  if (typeof value === "number") return value;
  throw new EvaluationError(`${describe(value)} is no number`, undefined);
}

type Call = Extract<Expression, { type: "call" }>["function"];

function call(name: Call, given: readonly Value[]): Value {
  const items = () =>
    given.length === 1 && typeof given[0] === "object" && given[0] !== null ? membersOf(given[0]) : given;
  switch (name) {
    case "any":
      return items().some(wantBool);
    case "all":
      return items().every(wantBool);
    case "count":
      return items().length;
    case "sum":
      return items().reduce<number>((sum, item) => sum + wantNumber(item), 0);
    case "min":
    case "max": {
      const numbers = items().map(wantNumber);
      if (numbers.length === 0) throw new EvaluationError(`${name} of nothing has no value`, undefined);
      return numbers.reduce((best, each) => (name === "min" ? Math.min(best, each) : Math.max(best, each)));
    }
  }
}

/** All that objects can change. */
export const everything =
  parts.Pod | parts.Node | parts.Service | parts.ReplicationController | parts.Endpoints;
const known = new WeakMap<Expression, number>();

/** What has to change before an expression can have another value. */
export function partsOf(expression: Expression): number {
  let found = known.get(expression);
  if (found === undefined) {
    found = ownParts(expression);
    for (const part of childrenOf(expression)) found |= partsOf(part);
    known.set(expression, found);
  }
  return found;
}

function ownParts(expression: Expression): number {
  switch (expression.type) {
    case "observe":
      return observationParts[expression.observation];
    case "all":
      return parts[expression.kind];
    case "containers":
      return parts.Pod | parts.Service | parts.ReplicationController;
    case "label":
      return everything;
    default:
      return 0;
  }
}

/** The expressions that an expression is made of. */
export function childrenOf(expression: Expression): readonly Expression[] {
  switch (expression.type) {
    case "list":
      return expression.items;
    case "containers":
    case "member":
    case "label":
      return [expression.of];
    case "observe":
      return expression.of ? [expression.of] : [];
    case "operator":
      return expression.operands;
    case "if":
      return [expression.condition, expression.then, expression.else];
    case "call":
      return expression.arguments;
    case "comprehension":
      return [expression.over, ...(expression.where ? [expression.where] : []), expression.give];
    default:
      return [];
  }
}

/** An expression that is evaluated anew only where something it is made of has changed. */
export function remembered(view: View, expression: Expression, environment: Environment): () => Value {
  const mask = partsOf(expression);
  let version = -1;
  let value: Value = null;
  return () => {
    const current = view.version(mask);
    if (current !== version) {
      value = evaluate(view, expression, environment);
      version = current;
    }
    return value;
  };
}

/** The objects that an expression speaks of in this state: those it names and those its variables stand for. */
export function objectsIn(expression: Expression, environment: Environment): readonly string[] {
  const keys = new Set<string>();
  const visit = (part: Expression) => {
    if (part.type === "objects") for (const key of part.keys) keys.add(key);
    if (part.type === "variable") {
      const value = environment.get(part.name);
      if (value !== undefined && value !== null && typeof value === "object" && isSet(value))
        for (const { key } of value.members) keys.add(key);
    }
    for (const child of childrenOf(part)) visit(child);
  };
  visit(expression);
  return [...keys];
}

/** A value as reports name it. */
export function labelOfValue(value: Value): string {
  if (Array.isArray(value)) return (value as readonly Value[]).map(labelOfValue).join(" + ");
  return isSet(value) ? value.members.map(memberName).join(" + ") || "nothing" : describe(value);
}
