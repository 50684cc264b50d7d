import { type ObjectSymbol, span, type TemplateSymbol } from "../binder/symbol.ts";
import type { Resolution } from "../checker/checked.ts";
import { selves } from "../checker/templates.ts";
import type { Expression, Parameter } from "../syntax/ast.ts";
import type { LazyBlock } from "./blocks.ts";
import { conform } from "./conform.ts";
import {
  BudgetSpent,
  type Evaluator,
  errorValue,
  type Frame,
  force,
  type Instance,
  type Lazy,
  lazy,
  type Made,
  moduleFrame,
  Names,
  spendAt,
} from "./context.ts";
import { evaluate } from "./expressions.ts";
import { castValue } from "./hole.ts";
import { objectField } from "./members.ts";
import { declareLets, instanceOf, instancesOf, objectValue } from "./objects.ts";
import type { ObjectHandle, Value } from "./value.ts";

/** How deep templates may use templates: deeper than anyone reads. */
const deepest = 60;

interface Use {
  readonly handle: ObjectHandle;
  /** The block that gives the parameters. */
  readonly block: () => LazyBlock;
  readonly namespace: string;
  readonly frame: Frame;
}

/** What a use of a template makes. Nothing of it is worked out yet, not even which objects there are. */
export function makeUse(evaluator: Evaluator, template: TemplateSymbol, use: Use): Made {
  const { handle, namespace, frame: outer } = use;
  const depth = (outer.made?.depth ?? 0) + 1;
  if (depth > deepest) throw new BudgetSpent(handle.span, "templates use templates too deeply");
  spendAt(evaluator, handle.span, 200);
  const via = { span: handle.span, title: `${template.name} \`${handle.name}\`` };
  evaluator.uses.set(via, template);
  const body = { ...template.body, via };
  const made: { -readonly [Key in keyof Made]: Made[Key] } = {
    template,
    name: handle.name,
    namespace,
    frame: undefined as unknown as Frame,
    instances: new Map(),
    depth,
  };
  const parameters = parametersOf(template);
  const values = new Array<Lazy | undefined>(parameters.size);
  const names = new Names((name) => {
    const found = parameters.get(name);
    if (!found) return undefined;
    const [parameter, number] = found;
    const compute = () => parameterValue(evaluator, template, parameter, use, frame);
    return (values[number] ??= lazy(`${handle.name}.${name}`, span(body, parameter.name), compute));
  });
  const frame = moduleFrame(body, made, names);
  made.frame = frame;
  declareLets(evaluator, template.declaration.body, frame);
  return made;
}

const parametersByName = new WeakMap<TemplateSymbol, ReadonlyMap<string, readonly [Parameter, number]>>();

/** The parameters of a template by name, with their numbers: every use has the same. */
function parametersOf(template: TemplateSymbol): ReadonlyMap<string, readonly [Parameter, number]> {
  let known = parametersByName.get(template);
  if (!known) {
    const { parameters } = template.declaration;
    known = new Map(parameters.map((parameter, index) => [parameter.name.text, [parameter, index]]));
    parametersByName.set(template, known);
  }
  return known;
}

/** What the use gives, else the default, which sees the parameters before it. */
function parameterValue(
  evaluator: Evaluator,
  template: TemplateSymbol,
  parameter: Parameter,
  use: Use,
  frame: Frame,
): Value {
  const name = parameter.name.text;
  const type = evaluator.checked.templates.get(template)?.fields[name]?.type;
  if (!type) return errorValue;
  const value = givenValue(evaluator, use, name);
  const isLeftOut = !value || (value.kind === "none" && type.kind !== "optional");
  if (!isLeftOut) return value;
  if (!parameter.value) return type.kind === "optional" ? { kind: "none" } : errorValue;
  const fallback = evaluate(evaluator, parameter.value, frame);
  return conform(evaluator, fallback, type, span(frame.module, parameter.value), frame.module);
}

/** What the block of a use says for a parameter. */
function givenValue(evaluator: Evaluator, { handle, block }: Use, name: string): Value | undefined {
  const { cast } = handle;
  if (cast) {
    const field = cast.mold.block.fields.get(name);
    return field && castValue(cast, field.value);
  }
  const field = block().fields.get(name);
  return field && force(evaluator, field);
}

/** Every object that these declarations make, and every use of a template before what it makes. */
export function allObjects(
  evaluator: Evaluator,
  symbols: readonly ObjectSymbol[],
  made: Made | undefined,
  found: Instance[] = [],
): readonly Instance[] {
  for (const symbol of symbols)
    for (const instance of instancesOf(evaluator, symbol, made)) {
      found.push(instance);
      const inner = instance.made;
      if (inner) allObjects(evaluator, inner.template.body.objects, inner, found);
    }
  return found;
}

/** The objects of one kind that these declarations make, also through templates. */
export function* objectsOf(
  evaluator: Evaluator,
  symbols: readonly ObjectSymbol[],
  made: Made | undefined,
  word: string,
): Generator<Instance> {
  for (const symbol of symbols) {
    if (symbol.template ? !makes(symbol.template, word) : symbol.word !== word) continue;
    for (const instance of instancesOf(evaluator, symbol, made))
      if (instance.made)
        yield* objectsOf(evaluator, instance.made.template.body.objects, instance.made, word);
      else yield instance;
  }
}

const made = new WeakMap<TemplateSymbol, Map<string, boolean>>();

/** Whether a use of the template may make an object of this kind: only then it has to be known whether the use exists. */
function makes(template: TemplateSymbol, word: string): boolean {
  const known = made.get(template) ?? new Map<string, boolean>();
  made.set(template, known);
  if (!known.has(word)) {
    known.set(word, false); // in a circle of templates, which has been reported
    known.set(
      word,
      template.body.objects.some((one) => (one.template ? makes(one.template, word) : one.word === word)),
    );
  }
  return known.get(word)!;
}

/** The use before the `.` of `x.server`. */
export function madeBefore(evaluator: Evaluator, expression: Expression, frame: Frame): Made | undefined {
  if (expression.kind !== "member") return undefined;
  const value = evaluate(evaluator, expression.object, frame);
  return value.kind === "object" ? instanceOf(value.object)?.made : undefined;
}

type Part = Extract<Resolution, { kind: "part" }>;

/** The innermost of uses named `self`, from the outermost. */
const within = (
  evaluator: Evaluator,
  use: Made | undefined,
  through: readonly ObjectSymbol[],
): Made | undefined =>
  through.reduce<Made | undefined>(
    (outer, symbol) => outer && instancesOf(evaluator, symbol, outer)[0]?.made,
    use,
  );

/** The object `server` of `x.server`. */
export function partValue(
  evaluator: Evaluator,
  expression: Expression,
  { symbol, through = [] }: Part,
  frame: Frame,
): Value {
  const found = within(evaluator, madeBefore(evaluator, expression, frame), through);
  return found ? objectValue(evaluator, symbol, found.frame, span(frame.module, expression)) : errorValue;
}

export function evaluatePart(evaluator: Evaluator, expression: Expression, part: Part, frame: Frame): Value {
  const { member } = part;
  const object = partValue(evaluator, expression, part, frame);
  if (member === undefined || object.kind !== "object") return object;
  return objectField(evaluator, object.object, member, span(frame.module, expression));
}

/** Where an object is wanted, a use of a template stands for the one that it names `self`; a family of uses likewise. */
export function standingFor(evaluator: Evaluator, value: Value, words: readonly string[]): Value {
  if (value.kind === "object") {
    const self = selfOf(evaluator, value.object, words);
    return self ? { kind: "object", object: self } : value;
  }
  if (value.kind !== "family") return value;
  const members = value.members.map((member) => selfOf(evaluator, member, words) ?? member);
  const [first] = members;
  return first ? { kind: "family", word: first.word, members } : value;
}

function selfOf(
  evaluator: Evaluator,
  handle: ObjectHandle,
  words: readonly string[],
): ObjectHandle | undefined {
  const use = instanceOf(handle)?.made;
  const self = use && selves(use.template).find(({ symbol }) => words.includes(symbol.word));
  const made = self && within(evaluator, use, self.through);
  return made && instancesOf(evaluator, self.symbol, made)[0]?.handle;
}
