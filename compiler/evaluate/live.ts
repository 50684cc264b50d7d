import { type ObjectKey, objectKey } from "../../model/meta.ts";
import type { Place } from "../../model/plan.ts";
import type { Expression as Live, Observation, Operator } from "../../model/scenario.ts";
import { span } from "../binder/symbol.ts";
import { findLabel } from "../checker/selections.ts";
import { unknownMember } from "../diagnostics/catalog/names.ts";
import { notObservable } from "../diagnostics/catalog/scenarios.ts";
import { lineMap } from "../source/line-map.ts";
import type { Span } from "../source/source.ts";
import type {
  BinaryExpression,
  Expression,
  IndexExpression,
  MatchExpression,
  MemberExpression,
  SelectionExpression,
} from "../syntax/ast.ts";
import { walk } from "../syntax/walk.ts";
import type { Words } from "../types/scenarios.ts";
import { type Evaluator, type Frame, isLibrary, report, spend } from "./context.ts";
import { evaluate } from "./expressions.ts";
import { lowerCall, lowerList } from "./live-calls.ts";
import { standingFor } from "./templates.ts";
import { describeValue, textOf } from "./text.ts";
import type { ObjectHandle, Value } from "./value.ts";

/**
 * What a scenario observes, as data: what can be worked out now is a literal, the rest is left to a run. Everything is
 * worked out as far as it goes, functions with what is observed among their arguments as well.
 */

/** What names stand for in a run, at a place. */
export interface Names {
  readonly parent: Names | undefined;
  readonly name: string;
  readonly expression: Live;
}

/** A place in a scenario, with what can be read there. */
export interface Here {
  readonly frame: Frame;
  readonly names: Names | undefined;
  /** How many functions stand around it: their variables need names of their own. */
  readonly depth: number;
}

/** The state of one scenario's lowering. */
export interface Lowering {
  readonly evaluator: Evaluator;
  /** Where each step and expression was written. */
  readonly spans: WeakMap<object, Span>;
  fresh: number;
}

/** The value of what could not be lowered; it has been reported, so nobody runs it. */
/** What a part of an expression takes of the budget for output. */
export const liveSize = 300;

export const nothing: Live = { type: "literal", value: null };

const findLive = (names: Names | undefined, name: string): Live | undefined => {
  for (let at = names; at; at = at.parent) if (at.name === name) return at.expression;
  return undefined;
};

export const withLive = (at: Here, name: string, expression: Live): Here => ({
  ...at,
  names: { parent: at.names, name, expression },
});

/** A place in the user's own files, as a plan has it. */
export function placeOf(evaluator: Evaluator, { file, start, via }: Span): Place {
  if (via && isLibrary(evaluator, file)) return placeOf(evaluator, via.span);
  const place: Place = { file: file.path, ...lineMap(file).position(start) };
  return via ? { ...place, via: placeOf(evaluator, via.span) } : place;
}

/** Whether the value is known only in a run. */
export function isLive({ evaluator }: Lowering, expression: Expression, { names }: Here): boolean {
  let live = false;
  walk(expression, (node) => {
    if (live) return false;
    const resolution = evaluator.checked.resolutions.get(node as Expression);
    switch (resolution?.kind) {
      case "observed":
      case "all":
      case "containers":
      case "label":
      case "labels":
        live = true;
        break;
      case "call":
        live = resolution.target.kind === "observation";
        break;
      case "local":
        live = findLive(names, resolution.name) !== undefined;
    }
    return true;
  });
  return live;
}

/** The expression as data. `words` are the kinds that its position takes: a template's use stands for one of its objects. */
export function lowerLive(lowering: Lowering, expression: Expression, at: Here, words?: Words): Live {
  const { evaluator } = lowering;
  const place = span(at.frame.module, expression);
  spend(evaluator, () => place, liveSize);
  const lowered = isLive(lowering, expression, at)
    ? lowerInside(lowering, expression, at, words)
    : literal(lowering, evaluate(evaluator, expression, at.frame), place, words);
  if (!lowering.spans.has(lowered)) lowering.spans.set(lowered, place);
  return lowered;
}

/** A value that is known now, as an expression. */
export function literal(lowering: Lowering, value: Value, place: Span, words?: Words): Live {
  const { evaluator } = lowering;
  const meant = words ? standingFor(evaluator, value, words) : value;
  switch (meant.kind) {
    case "error":
      return nothing;
    case "none":
      return { type: "literal", value: null };
    case "boolean":
      return { type: "literal", value: meant.value };
    case "number":
      return { type: "literal", value: Number(meant.value.numerator) / Number(meant.value.denominator) };
    case "quantity": {
      const { numerator, denominator } = meant.value;
      const scale = meant.dimension === "duration" ? 1000n : 1n;
      return { type: "literal", value: Number(numerator * scale) / Number(denominator) };
    }
    case "string":
    case "address":
      return { type: "literal", value: textOf(meant) ?? "" };
    case "port":
      return { type: "literal", value: meant.number };
    case "object":
      return objects(lowering, [meant.object], place);
    case "family":
      return objects(lowering, meant.members, place);
    case "list": {
      const items = words ? meant.items.map((item) => standingFor(evaluator, item, words)) : meant.items;
      const handles = items.flatMap((item) => (item.kind === "object" ? [item.object] : []));
      if (handles.length > 0 && handles.length === items.length) return objects(lowering, handles, place);
      return { type: "list", items: items.map((item) => literal(lowering, item, place)) };
    }
    case "range": {
      const items: Live[] = [];
      for (let at = meant.from; at <= meant.to; at++) {
        spend(evaluator, () => place, liveSize);
        items.push({ type: "literal", value: Number(at) });
      }
      return { type: "list", items };
    }
    case "selection":
      return {
        type: "all",
        kind: meant.of === "pods" ? "Pod" : "Node",
        selector: meant.requirements,
        place: placeOf(evaluator, place),
      };
    default:
      return refuse(lowering, place, describeValue(meant));
  }
}

function objects(lowering: Lowering, handles: readonly ObjectHandle[], place: Span): Live {
  const outside = handles.find(({ external }) => external);
  if (outside) return refuse(lowering, place, `${outside.word} \`${outside.name}\`, which lives outside,`);
  return { type: "objects", keys: handles.map(keyOf), place: placeOf(lowering.evaluator, place) };
}

const keyOf = ({ objectKind, namespace, name }: ObjectHandle): ObjectKey =>
  objectKey(objectKind, namespace, name);

/** Reports what has no form in a run. */
export function refuse(lowering: Lowering, place: Span, what: string, notes: readonly string[] = []): Live {
  report(lowering.evaluator, place, (at) => notObservable(at, { what }, { notes }));
  return nothing;
}

/** What is known only in a run, by its shape. */
function lowerInside(lowering: Lowering, expression: Expression, at: Here, words?: Words): Live {
  const { evaluator } = lowering;
  const whole = span(at.frame.module, expression);
  const place = placeOf(evaluator, whole);
  const lower = (part: Expression) => lowerLive(lowering, part, at);
  const resolution = evaluator.checked.resolutions.get(expression);
  switch (resolution?.kind) {
    case "local":
      return findLive(at.names, resolution.name) ?? nothing;
    case "observed":
      return { type: "observe", observation: resolution.name as Observation, place };
    case "all":
      return allOf(lowering, expression, resolution.word, at);
    case "label":
      return lowerLabel(lowering, expression as MemberExpression, resolution.key, at);
    case "containers":
      return lowerContainers(lowering, expression as MemberExpression, resolution.name, at);
    default:
      break;
  }
  switch (expression.kind) {
    case "call":
      return lowerCall(lowering, expression, at);
    case "unary":
      return {
        type: "operator",
        operator: expression.operator === "not" ? "not" : "negate",
        operands: [lower(expression.operand)],
        place,
      };
    case "binary":
      return lowerBinary(lowering, expression, at);
    case "conditional": {
      const condition = lower(expression.condition);
      const [yes, no] = [expression.then, expression.otherwise].map((one) =>
        lowerLive(lowering, one, at, words),
      );
      // biome-ignore lint/suspicious/noThenProperty: the plan's own word; the value is data, never called
      return { type: "if", condition, then: yes!, else: no!, place };
    }
    case "match":
      return lowerMatch(lowering, expression, at);
    case "list":
      return lowerList(lowering, expression, at);
    case "member":
      return lowerMember(lowering, expression, at);
    case "index":
      return lowerIndex(lowering, expression, at);
    case "string":
      return refuse(lowering, whole, "a text with holes");
    default:
      return refuse(lowering, whole, "this");
  }
}

const kinds = { node: "Node", pod: "Pod", service: "Service", rc: "ReplicationController" } as const;

/** `nodes`, `pods where app == "shop"`: all there are at the moment. */
function allOf(lowering: Lowering, expression: Expression, word: string, at: Here): Live {
  const { evaluator } = lowering;
  const place = span(at.frame.module, expression);
  const kind = kinds[word as keyof typeof kinds];
  if (expression.kind !== "selection") return { type: "all", kind, place: placeOf(evaluator, place) };
  const { terms } = expression as SelectionExpression;
  if (isLive(lowering, terms, at)) {
    const notes = [
      "a selector's values are those of the file; what is observed filters a list: `[n for n in nodes if …]`",
    ];
    return refuse(lowering, place, "a selector of what is observed", notes);
  }
  const value = evaluate(evaluator, expression, at.frame);
  if (value.kind !== "selection") return nothing;
  return { type: "all", kind, selector: value.requirements, place: placeOf(evaluator, place) };
}

function lowerLabel(lowering: Lowering, expression: MemberExpression, key: string, at: Here): Live {
  const labels = expression.object as MemberExpression;
  return labelOf(lowering, labels, key, span(at.frame.module, expression), at);
}

/** The label of what is before `labels`; `key` is the one in Kubernetes, or the name that the module gives it. */
function labelOf(lowering: Lowering, { object }: MemberExpression, key: string, place: Span, at: Here): Live {
  const written = findLabel(at.frame.module, key)?.key ?? key;
  const of = lowerLive(lowering, object, at);
  return { type: "label", of, key: written, place: placeOf(lowering.evaluator, place) };
}

function lowerIndex(lowering: Lowering, { object, indices, ...range }: IndexExpression, at: Here): Live {
  const { evaluator } = lowering;
  const place = span(at.frame.module, range);
  const isLabels = evaluator.checked.resolutions.get(object)?.kind === "labels";
  const key = indices[0] && textOf(evaluate(evaluator, indices[0], at.frame));
  if (!isLabels || key === undefined) return refuse(lowering, place, "an item of what is observed");
  return labelOf(lowering, object as MemberExpression, key, place, at);
}

function lowerContainers(lowering: Lowering, expression: MemberExpression, name: string, at: Here): Live {
  const { evaluator } = lowering;
  const { object, member } = expression;
  const words: Words = ["rc", "pod"];
  const place = placeOf(evaluator, span(at.frame.module, expression));
  const of = lowerLive(lowering, object, at, words);
  if (isLive(lowering, object, at)) return { type: "containers", of, name, place };
  const value = standingFor(evaluator, evaluate(evaluator, object, at.frame), words);
  const handles = value.kind === "object" ? [value.object] : value.kind === "family" ? value.members : [];
  for (const handle of handles) {
    const there = containerNames(handle);
    if (there.includes(name)) continue;
    const about = { member: name, of: `${handle.word} \`${handle.name}\`` };
    const notes = [`its containers are ${there.map((one) => `\`${one}\``).join(", ")}`];
    report(evaluator, span(at.frame.module, member), (where) => unknownMember(where, about, { notes }));
    return nothing;
  }
  return { type: "containers", of, name, place };
}

function containerNames(handle: ObjectHandle): readonly string[] {
  const block = handle.block();
  const pod = handle.word === "rc" ? block.members.find(({ word }) => word === "pod") : block;
  return (pod?.members ?? [])
    .filter(({ word }) => word === "container" || word === "init")
    .flatMap(({ name }) => (name === undefined ? [] : [name]));
}

function lowerMember(lowering: Lowering, expression: MemberExpression, at: Here): Live {
  const { object, member } = expression;
  const place = span(at.frame.module, expression);
  if (member.text !== "name" && member.text !== "namespace")
    return refuse(lowering, place, `\`${member.text}\` of what is observed`, [
      "of an object in a run are known `name`, `namespace`, and labels: `x.labels.zone`",
    ]);
  const of = lowerLive(lowering, object, at);
  return { type: "member", of, name: member.text, place: placeOf(lowering.evaluator, place) };
}

function lowerBinary(lowering: Lowering, expression: BinaryExpression, at: Here): Live {
  const { operator, left, right } = expression;
  const place = placeOf(lowering.evaluator, span(at.frame.module, expression));
  const make = (name: Operator, ...operands: Live[]): Live => ({
    type: "operator",
    operator: name,
    operands,
    place,
  });
  if (operator === "..")
    return refuse(lowering, span(at.frame.module, expression), "a range of what is observed");
  const first = lowerLive(lowering, left, at);
  if (operator !== "in" && operator !== "not in")
    return make(operator, first, lowerLive(lowering, right, at));
  const range = isLive(lowering, right, at) ? undefined : evaluate(lowering.evaluator, right, at.frame);
  const inside =
    range?.kind === "range"
      ? make("and", make(">=", first, number(range.from)), make("<=", first, number(range.to)))
      : make("in", first, lowerLive(lowering, right, at));
  return operator === "in" ? inside : make("not", inside);
}

const number = (value: bigint): Live => ({ type: "literal", value: Number(value) });

function lowerMatch(lowering: Lowering, { subject, arms }: MatchExpression, at: Here): Live {
  const of = lowerLive(lowering, subject, at);
  const compare = (operator: Operator, value: Live): Live => ({
    type: "operator",
    operator,
    operands: [of, value],
  });
  return arms.reduceRight<Live>((otherwise, { pattern, value }) => {
    const result = lowerLive(lowering, value, at);
    if (!pattern) return result;
    const wanted = evaluate(lowering.evaluator, pattern, at.frame);
    const place = span(at.frame.module, pattern);
    const condition: Live =
      wanted.kind === "range"
        ? {
            type: "operator",
            operator: "and",
            operands: [compare(">=", number(wanted.from)), compare("<=", number(wanted.to))],
          }
        : compare("==", literal(lowering, wanted, place));
    // biome-ignore lint/suspicious/noThenProperty: the plan's own word; the value is data, never called
    return { type: "if", condition, then: result, else: otherwise };
  }, nothing);
}
