import { withArticle } from "../../base/words.ts";
import type { ObjectSymbol } from "../binder/symbol.ts";
import { knownInRun, stepTarget } from "../diagnostics/catalog/scenarios.ts";
import { missingArgument, tooManyArguments } from "../diagnostics/catalog/types.ts";
import type {
  CallExpression,
  Expression,
  IndexExpression,
  Member,
  MemberExpression,
  NameExpression,
} from "../syntax/ast.ts";
import { walk } from "../syntax/walk.ts";
import { fits, optional } from "../types/assignable.ts";
import { describeType } from "../types/display.ts";
import { fieldAt } from "../types/records.ts";
import { bareObservations, observations, setOf, type Words } from "../types/scenarios.ts";
import type { Type } from "../types/type.ts";
import { podAround } from "./blocks.ts";
import { type Checker, findLocal, innerScope, type Resolution, type Scope } from "./checked.ts";
import { check, infer } from "./expressions.ts";
import { hasMember, objectMember } from "./members.ts";
import { findObjects } from "./names.ts";
import { extensionsOf } from "./overrides.ts";
import { at, errorType, flatten, mistaken } from "./report.ts";
import { checkLabelKey } from "./selections.ts";
import { selves } from "./templates.ts";
import { labelType } from "./values.ts";

/** What is seen of a cluster in the steps of a scenario: words that mean something only there. */

/** Whether a place is worked out in a run, where the cluster can be observed. */
export const inRun = (scope: Scope): boolean => scope.scenario === "run";

/** `time`, `pending`; undefined for what is no observation here. */
export function inferObserved(
  checker: Checker,
  expression: NameExpression,
  wants: readonly Type[],
  scope: Scope,
): Type | undefined {
  const type = inRun(scope) ? fieldAt(bareObservations, expression.name) : undefined;
  if (!type) return undefined;
  const object =
    wants.some(({ kind }) => kind === "object") && findObjects(expression.name, scope).length > 0;
  if (object) return undefined;
  checker.resolutions.set(expression, { kind: "observed", name: expression.name });
  return type;
}

/** `ready(web)`, `count(nodes)`; undefined for what is no observation here. */
export function inferObservation(checker: Checker, call: CallExpression, scope: Scope): Type | undefined {
  const { callee } = call;
  if (callee.kind !== "reference" || scope.scenario === undefined) return undefined;
  const { name } = callee;
  const schema = fieldAt(observations, name);
  if (!schema && name !== "count") return undefined;
  if (scope.scenario !== "run") {
    reportInRun(checker, call, `\`${name}(…)\``, scope);
    return mistaken(checker, call);
  }
  const [first, second] = call.arguments;
  if (second) {
    for (const { value } of call.arguments) infer(checker, value, undefined, scope);
    checker.report(tooManyArguments(at(scope, second), { callee: name, most: 1 }));
    return mistaken(checker, call);
  }
  checker.resolutions.set(call, {
    kind: "call",
    target: { kind: "observation", name },
    arguments: new Map(first ? [["of", [first.value]]] : []),
  });
  if (!schema) return inferCount(checker, call, first?.value, scope);
  if (!first) {
    if (schema.optional) return schema.result;
    checker.report(missingArgument(at(scope, call), { name: schema.words?.[0] ?? "of", callee: name }));
    return mistaken(checker, call);
  }
  checkSet(checker, first.value, schema.words ?? [], name, scope);
  return schema.result;
}

function inferCount(
  checker: Checker,
  call: CallExpression,
  list: Expression | undefined,
  scope: Scope,
): Type {
  const type: Type = list ? infer(checker, list, undefined, scope) : errorType;
  const isSet = flatten(type).every(({ kind }) =>
    ["list", "range", "object", "template", "selection", "error", "any"].includes(kind),
  );
  if (!list) checker.report(missingArgument(at(scope, call), { name: "list", callee: "count" }));
  else if (!isSet)
    checker.report(
      stepTarget(at(scope, list), {
        step: "count",
        expected: "a list or a set of objects",
        found: describeType(type),
      }),
    );
  return list && isSet ? { kind: "number", integer: true, minimum: 0 } : mistaken(checker, call);
}

/** Checks what a step strikes or an observation sees. Of several objects of one name the first of `words` is meant. */
export function checkSet(
  checker: Checker,
  expression: Expression,
  words: Words,
  step: string,
  scope: Scope,
): void {
  const whole = setOf(words);
  const named = expression.kind === "reference" || expression.kind === "member";
  let type: Type = errorType;
  for (const expected of named ? words.map((word) => setOf([word])) : [whole]) {
    type = infer(checker, expression, expected, scope);
    if (type.kind === "error" || fits(type, expected) !== "no") break;
  }
  if (fits(type, whole) !== "no") return;
  const place = at(scope, expression);
  const written = place.file.text.slice(place.start, place.end);
  const owner = flatten(type).every(
    (one) => one.kind === "object" && (one.words[0] === "rc" || one.words[0] === "service"),
  );
  const fixes =
    owner && words.includes("pod")
      ? [
          {
            title: `its pods are \`pods(${written})\``,
            edits: [{ span: place, text: `pods(${written})` }],
            safe: true as const,
          },
        ]
      : [];
  const about = {
    step,
    expected: `${withArticle(listed(words))}, or a set of them`,
    found: describeType(type),
  };
  checker.report(stepTarget(place, about, { fixes }));
  mistaken(checker, expression);
}

const listed = (words: Words): string =>
  words.length > 1 ? `${words.slice(0, -1).join(", ")} or ${words.at(-1)}` : (words[0] ?? "");

/** Reports what is known only in a run, where something is worked out before. */
export function reportInRun(checker: Checker, expression: Expression, what: string, scope: Scope): void {
  const { scenario } = scope;
  if (typeof scenario !== "object") return;
  checker.report(knownInRun(at(scope, expression), { what, where: scenario.compiled }));
}

/** `web.server`, the containers of this name, and `x.labels.zone`; undefined for all other members. */
export function inferLiveMember(
  checker: Checker,
  expression: MemberExpression,
  scope: Scope,
): Type | undefined {
  if (!inRun(scope)) return undefined;
  const { object } = expression;
  return object.kind === "member" && object.member.text === "labels"
    ? inferLabel(checker, expression, object, scope)
    : inferContainers(checker, expression, scope);
}

const isLabelled = (type: Type): boolean =>
  type.kind !== "optional" &&
  flatten(type).every((one) => one.kind === "object" && one.words.every((word) => labelled.has(word)));

const labelled: ReadonlySet<string> = new Set(["node", "pod", "rc", "service"]);

function inferLabel(
  checker: Checker,
  expression: MemberExpression,
  { object }: MemberExpression,
  scope: Scope,
): Type | undefined {
  const type = infer(checker, object, undefined, scope);
  if (!isLabelled(type)) return undefined;
  const key = expression.member.text;
  const label = checkLabelKey(checker, expression, key, expression.member, scope);
  checker.resolutions.set(expression, { kind: "label", key });
  return optional(label ? labelType(checker, label) : { kind: "string" });
}

/** `x.labels["topology.kubernetes.io/zone"]`, with a key that is known when the file is compiled. */
export function inferLabelAt(
  checker: Checker,
  { object, indices }: IndexExpression,
  scope: Scope,
): Type | undefined {
  const [key] = indices;
  if (!inRun(scope) || object.kind !== "member" || object.member.text !== "labels" || !key) return undefined;
  if (!isLabelled(infer(checker, object.object, undefined, scope))) return undefined;
  check(
    checker,
    key,
    { kind: "string" },
    innerScope(scope, { scenario: { compiled: "the key of a label" } }),
  );
  checker.resolutions.set(object, { kind: "labels" });
  return optional({ kind: "string" });
}

const holds = (word: string): boolean => word === "rc" || word === "pod";

function inferContainers(checker: Checker, expression: MemberExpression, scope: Scope): Type | undefined {
  const { object, member } = expression;
  const local = object.kind === "reference" ? findLocal(scope, object.name) : undefined;
  if (object.kind === "reference" && !local) {
    const symbols = findObjects(object.name, scope);
    if (symbols.some((symbol) => hasMember(checker, symbol, member.text))) return undefined;
    const [symbol] = symbols.filter((one) => hasContainer(checker, one, member.text));
    if (!symbol) return undefined;
    checker.resolutions.set(object, { kind: "object", symbol });
    return settle(checker, expression);
  }
  if (object.kind === "reference" && local) local.used = true;
  const type = infer(checker, object, undefined, scope);
  const [first] = flatten(type.kind === "list" ? type.element : type);
  if (type.kind === "optional" || first?.kind !== "object" || !first.words.every(holds)) return undefined;
  const isField = type.kind === "object" && objectMember(checker, first.words[0]!, member.text) !== undefined;
  return isField ? undefined : settle(checker, expression);
}

function settle(checker: Checker, expression: MemberExpression): Type {
  checker.resolutions.set(expression, { kind: "containers", name: expression.member.text });
  return { kind: "list", element: { kind: "object", words: ["container"] } };
}

function hasContainer(checker: Checker, symbol: ObjectSymbol, name: string): boolean {
  const { names, repeated } = containersOf(checker, symbol);
  return names.has(name) || [...repeated].some((base) => name.startsWith(`${base}-`));
}

/** The containers that an rc or pod is written with; of a template's use, those of what it names `self`. */
export function containersOf(
  checker: Checker,
  symbol: ObjectSymbol,
): { readonly names: ReadonlySet<string>; readonly repeated: ReadonlySet<string> } {
  if (symbol.template) {
    const [self] = selves(symbol.template).filter((one) => holds(one.symbol.word));
    return self ? containersOf(checker, self.symbol) : { names: new Set(), repeated: new Set() };
  }
  if (!holds(symbol.word)) return { names: new Set(), repeated: new Set() };
  const bodies = [
    ...symbol.sites.map(({ declaration }) => declaration.body ?? []),
    ...extensionsOf(checker, symbol).map(({ member }) => member.body),
  ];
  const members = symbol.word === "pod" ? bodies.flat() : bodies.flatMap(podMembers);
  const { containers: names, repeated } = podAround(members, {});
  return { names, repeated };
}

/** What stands in the `pod { … }`s of an rc, under whatever conditions. */
function podMembers(members: readonly Member[]): readonly Member[] {
  return members.flatMap((member) => {
    if (member.kind === "declaration" && member.word.text === "pod") return member.body ?? [];
    if (member.kind === "if") return podMembers([...member.then, ...(member.otherwise ?? [])]);
    return member.kind === "for" ? podMembers(member.body) : [];
  });
}

const liveKinds: ReadonlySet<Resolution["kind"]> = new Set([
  "observed",
  "all",
  "containers",
  "label",
  "labels",
]);

/** Whether the value of an expression is known only in a run. */
export function isLive(checker: Checker, expression: Expression, scope: Scope): boolean {
  let live = false;
  walk(expression, (node) => {
    if (live) return false;
    const resolution = checker.resolutions.get(node as Expression);
    if (!resolution) return true;
    if (liveKinds.has(resolution.kind)) live = true;
    else if (resolution.kind === "call") live = resolution.target.kind === "observation";
    else if (resolution.kind === "local") live = findLocal(scope, resolution.name)?.live === true;
    return true;
  });
  return live;
}
