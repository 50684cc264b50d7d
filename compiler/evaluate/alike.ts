import type { Checked, Resolution } from "../checker/checked.ts";
import { keyText } from "../checker/record-literals.ts";
import type { Range, SourceFile, Span } from "../source/source.ts";
import { AlikeDeclaration } from "../syntax/alike.ts";
import type { CallExpression, Declaration, Expression, Member } from "../syntax/ast.ts";
import { children, type Node } from "../syntax/walk.ts";

/**
 * Declarations that are written alike: the same members in the same order, with other values here and there. Many
 * applications in one file are written like that, and what holds for members of a family holds for them: only what
 * differs has to be worked out for each.
 */

/** What differs in a declaration from others that are like it: an expression as a whole, or something in a literal. */
export type Differing = Map<Node, "whole" | "within">;

/** A declaration seen beside another: what stands in place of each hole, and what else differs. */
export interface Comparison {
  readonly checked: Checked;
  /** The numbers of the expressions of the first that are holes. */
  readonly holes: ReadonlyMap<Expression, number>;
  /** By these numbers: what the other has there; `undefined` where that is what all have who say nothing else. */
  readonly found: (Expression | undefined)[];
  /** What those have who say nothing else. */
  shared: readonly Expression[];
  readonly differing: Differing;
  /** Whether anything differed that was no hole. */
  differs: boolean;
}

/** What stands in place of each hole of a mold in declarations that are written like the mold's (syntax/alike.ts). */
interface Route {
  /** What the mold's declaration has in the pattern's holes. */
  readonly own: readonly Expression[];
  /** By the numbers of the pattern's holes: those of the mold's. */
  readonly numbers: readonly (number | undefined)[];
  /** By the numbers of the mold's holes: what stands there in all that have nothing else there. */
  readonly shared: readonly Expression[];
}

const routes = new WeakMap<ReadonlyMap<Expression, number>, Route | "none">();

function routeTo(
  holes: ReadonlyMap<Expression, number>,
  own: readonly Expression[],
  firsts: readonly Expression[],
): Route | "none" {
  const numbers = own.map((expression) => holes.get(expression));
  const shared = [...holes.keys()];
  for (const [index, number] of numbers.entries()) if (number !== undefined) shared[number] = firsts[index]!;
  const holds = (outer: Range) => own.some(({ start, end }) => outer.start <= start && end <= outer.end);
  // What is no hole of the pattern is written the same in all: what stands there in one serves for another.
  return [...holes].some(([expression, number]) => !numbers.includes(number) && holds(expression))
    ? "none"
    : { own, numbers, shared };
}

/** Compares declarations of one pattern by their holes; false where they have to be gone through. */
function compareHoles(comparison: Comparison, one: Declaration, other: Declaration): boolean {
  const there = AlikeDeclaration.detailsOf(other);
  const pattern = there?.pattern;
  const here = AlikeDeclaration.detailsOf(one);
  if (!there || !pattern || (pattern.first !== one && pattern !== here?.pattern)) return false;
  const { checked, holes, found } = comparison;
  const firsts = pattern.expressions;
  let route = routes.get(holes);
  if (!route) {
    const own = firsts.map((first, index) => here?.holes[index] ?? first);
    routes.set(holes, (route = routeTo(holes, own, firsts)));
  }
  if (route === "none") return false;
  const { own, numbers } = route;
  for (let index = 0; index < own.length; index++) {
    const number = numbers[index];
    if (number !== undefined) {
      found[number] = there.holes[index];
      continue;
    }
    const another = there.holes[index] ?? firsts[index]!;
    if (another !== own[index] && !isSame(checked, own[index]!, another)) return false;
  }
  comparison.shared = route.shared;
  return true;
}

/** Compares two declarations at the top; false where they are not alike. Their names are their own affair. */
export function compareDeclarations(comparison: Comparison, one: Declaration, other: Declaration): boolean {
  if (compareHoles(comparison, one, other)) return true;
  return (
    one.word.text === other.word.text &&
    (one.name === undefined) === (other.name === undefined) &&
    !one.family?.length &&
    !other.family?.length &&
    one.qualifier === undefined &&
    other.qualifier === undefined &&
    compareRest(comparison, one, other)
  );
}

function compareRest(comparison: Comparison, one: Declaration, other: Declaration): boolean {
  return (
    compareOptional(comparison, one.value, other.value) &&
    compareOptional(comparison, one.target, other.target) &&
    compareMembers(comparison, one.body, other.body)
  );
}

function compareOptional(
  comparison: Comparison,
  one: Expression | undefined,
  other: Expression | undefined,
): boolean {
  if (one === undefined || other === undefined) return one === other;
  compare(comparison, one, other);
  return true;
}

function compareMembers(
  comparison: Comparison,
  ones: readonly Member[] | undefined,
  others: readonly Member[] | undefined,
): boolean {
  if (ones === undefined || others === undefined) return ones === others;
  if (ones.length !== others.length) return false;
  for (let index = 0; index < ones.length; index++)
    if (!compareMember(comparison, ones[index]!, others[index]!)) return false;
  return true;
}

/** There are molds of fields by name, of blocks, and of mounts: other members make declarations unlike. */
function compareMember(comparison: Comparison, one: Member, other: Member): boolean {
  if (one.kind === "field" && other.kind === "field") {
    if (!isSameKey(one, other)) return false;
    compare(comparison, one.value, other.value);
    return true;
  }
  if (one.kind === "declaration" && other.kind === "declaration")
    return (
      one.word.text === other.word.text &&
      one.name?.text === other.name?.text &&
      one.objectName === other.objectName &&
      !one.family?.length &&
      !other.family?.length &&
      compareRest(comparison, one, other)
    );
  if (one.kind !== "mount" || other.kind !== "mount" || one.readonly !== other.readonly) return false;
  compare(comparison, one.volume, other.volume);
  compare(comparison, one.path, other.path);
  return compareMembers(comparison, one.body, other.body);
}

type Field = Extract<Member, { kind: "field" }>;

function isSameKey(one: Field, other: Field): boolean {
  const key = keyText(one);
  return key !== undefined && one.key.kind === other.key.kind && key === keyText(other);
}

/** Notes what stands in place of holes, and what differs; gives whether anything did. */
function compare(comparison: Comparison, one: Expression, other: Expression): boolean {
  const hole = comparison.holes.get(one);
  if (hole !== undefined) {
    comparison.found[hole] = other;
    return false;
  }
  const parts = partsInCommon(comparison.checked, one, other);
  if (!parts && isSame(comparison.checked, one, other)) return false;
  let differs = !parts;
  for (const [left, right] of parts ?? []) if (compare(comparison, left, right)) differs = true;
  if (!differs) return false;
  if (!parts || comparison.differing.get(one) !== "whole")
    comparison.differing.set(one, parts ? "within" : "whole");
  comparison.differs = true;
  return true;
}

/** The parts of two literals of one shape, in pairs. */
function partsInCommon(
  checked: Checked,
  one: Expression,
  other: Expression,
): (readonly [Expression, Expression])[] | undefined {
  if (one.kind === "record" && other.kind === "record") {
    if (one.members.length !== other.members.length) return undefined;
    const pairs: [Expression, Expression][] = [];
    for (let index = 0; index < one.members.length; index++) {
      const [left, right] = [one.members[index]!, other.members[index]!];
      if (left.kind !== "field" || right.kind !== "field" || !isSameKey(left, right)) return undefined;
      pairs.push([left.value, right.value]);
    }
    return pairs;
  }
  if (one.kind === "list" && other.kind === "list") {
    const plain = (list: typeof one) => !list.comprehension && !list.items.some(({ spread }) => spread);
    if (one.items.length !== other.items.length || !plain(one) || !plain(other)) return undefined;
    return one.items.map(({ value }, index) => [value, other.items[index]!.value]);
  }
  if (one.kind === "call" && other.kind === "call") {
    const isVariant = (resolution: Resolution | undefined) =>
      resolution?.kind === "call" && resolution.target.kind === "variant";
    return isVariant(checked.resolutions.get(one)) && isSameCall(checked, one, other)
      ? one.arguments.map(({ value }, index) => [value, other.arguments[index]!.value])
      : undefined;
  }
  return undefined;
}

/** Calls of one thing, with arguments of the same names. */
function isSameCall(checked: Checked, one: CallExpression, other: CallExpression): boolean {
  const [left, right] = [checked.resolutions.get(one), checked.resolutions.get(other)];
  return (
    left?.kind === "call" &&
    right?.kind === "call" &&
    isSameFlat(left.target, right.target) &&
    one.arguments.length === other.arguments.length &&
    one.arguments.every(({ name }, index) => name?.text === other.arguments[index]!.name?.text)
  );
}

const isSameFlat = (one: object, other: object): boolean =>
  Object.entries(one).every(([key, value]) => (other as Record<string, unknown>)[key] === value) &&
  Object.keys(one).length === Object.keys(other).length;

/** Whether two expressions say the same, in words that mean the same; false where that is not easily seen. */
function isSame(checked: Checked, one: Expression, other: Expression): boolean {
  const same = (left: Expression, right: Expression) => isSame(checked, left, right);
  switch (one.kind) {
    case "string":
      return (
        other.kind === "string" &&
        one.parts.length === other.parts.length &&
        one.parts.every((part, index) => {
          const there = other.parts[index]!;
          return typeof part === "string" || typeof there === "string" ? part === there : same(part, there);
        })
      );
    case "number":
      return (
        other.kind === "number" &&
        one.digits === other.digits &&
        checked.cpuLiterals.has(one) === checked.cpuLiterals.has(other)
      );
    case "quantity":
      return other.kind === "quantity" && one.digits === other.digits && one.unit === other.unit;
    case "address":
      return other.kind === "address" && one.text === other.text && one.cidr === other.cidr;
    case "boolean":
      return other.kind === "boolean" && one.value === other.value;
    case "none":
      return other.kind === "none";
    case "reference":
      return other.kind === "reference" && one.name === other.name && hasSameMeaning(checked, one, other);
    case "member":
      return (
        other.kind === "member" &&
        one.member.text === other.member.text &&
        hasSameMeaning(checked, one, other) &&
        same(one.object, other.object)
      );
    case "call":
      return (
        other.kind === "call" &&
        isSameCall(checked, one, other) &&
        one.arguments.every(({ value }, index) => same(value, other.arguments[index]!.value))
      );
    case "unary":
      return other.kind === "unary" && one.operator === other.operator && same(one.operand, other.operand);
    case "binary":
      return (
        other.kind === "binary" &&
        one.operator === other.operator &&
        same(one.left, other.left) &&
        same(one.right, other.right)
      );
    default:
      return false;
  }
}

function hasSameMeaning(checked: Checked, one: Expression, other: Expression): boolean {
  const [left, right] = [checked.resolutions.get(one), checked.resolutions.get(other)];
  return left === undefined || right === undefined ? left === right : isSameFlat(left, right);
}

// ── Places ───────────────────────────────────────────────────────────────────────────────────────────────────

/** A place in a declaration, given as a place in one that is like it; looked up when somebody wants to know. */
class Counterpart implements Span {
  readonly file: SourceFile;
  readonly #in: Declaration;
  readonly #like: Declaration;
  readonly #there: Range;
  #found: Range | undefined;

  constructor(own: Declaration, like: Declaration, there: Span) {
    this.file = there.file;
    this.#in = own;
    this.#like = like;
    this.#there = there;
  }

  get found(): Range {
    return (this.#found ??= counterpart(this.#like, this.#in, this.#there));
  }

  get start(): number {
    return this.found.start;
  }

  get end(): number {
    return this.found.end;
  }
}

/** The place in `own` that is what `there` is in `like`, which is in the same file; a place elsewhere stays what it is. */
export function counterpartSpan(own: Declaration, like: Declaration, file: SourceFile, there: Span): Span {
  const isInside = there.file === file && there.start >= like.start && there.end <= like.end;
  return isInside ? new Counterpart(own, like, there) : there;
}

/** The span as plain data. */
export const plainSpan = (span: Span): Span =>
  span instanceof Counterpart ? { file: span.file, start: span.start, end: span.end } : span;

function counterpart(like: Node, own: Node, there: Range): Range {
  if (like.start === there.start && like.end === there.end) return own;
  const [below, beside] = [children(like), children(own)];
  const index = below.findIndex((child) => child.start <= there.start && there.end <= child.end);
  const [inner, other] = [below[index], beside[index]];
  if (inner && other) return counterpart(inner, other, there);
  // A word at the beginning, such as `mount`.
  return { start: own.start, end: Math.min(own.end, own.start + there.end - there.start) };
}
