import type { FieldPath, Place, Plan } from "../../model/plan.ts";
import type { ModuleSymbols, ParamSymbol } from "../binder/symbol.ts";
import type { Checked } from "../checker/checked.ts";
import { keyText } from "../checker/record-literals.ts";
import { parent } from "../plan/paths.ts";
import { lineMap } from "../source/line-map.ts";
import type { Expression, Member } from "../syntax/ast.ts";
import { type Node, pathAt, walk } from "../syntax/walk.ts";

/** One link of the way that a value came: a place in a file, and what it says there. */
export interface Link {
  readonly place: Place;
  /** The line of the file, without the white space around it. */
  readonly text: string;
  /** What the line has to do with the value, where that is not plain: `the default of param copies`. */
  readonly note?: string;
  /** How many links stand between this one and the value. */
  readonly depth: number;
}

/** Where a field's value came from. */
export interface Origin {
  readonly links: readonly Link[];
  /** Set where nothing was written for the field itself: the field around it that something was written for. */
  readonly around?: FieldPath;
}

/** What was given from outside, as far as it decides where a parameter's value is from. */
export interface Given {
  readonly set: ReadonlySet<string>;
}

/**
 * Follows a field's value back through parameters, `let`s, functions, loops and uses of templates to the lines that
 * wrote it. `checked` is the program that the plan was compiled from.
 */
export function originOf(checked: Checked, plan: Plan, key: string, path: FieldPath, given: Given): Origin {
  const places = plan.provenance[key] ?? {};
  let here: FieldPath | undefined = path;
  while (here !== undefined && !Object.hasOwn(places, here)) here = parent(here);
  const place = here === undefined ? undefined : places[here];
  if (!place) return { links: [] };
  const tracer: Tracer = { checked, given, links: [], seen: new Set() };
  follow(tracer, place, 0);
  return here === path ? { links: tracer.links } : { links: tracer.links, around: here! };
}

interface Tracer {
  readonly checked: Checked;
  readonly given: Given;
  readonly links: Link[];
  /** Lines that have been told. */
  readonly seen: Set<string>;
}

/** The furthest that a value is followed: longer ways tell nobody anything. */
const mostLinks = 30;

function follow(tracer: Tracer, place: Place, depth: number): void {
  const module = moduleOf(tracer, place.file);
  if (!module) return void addLink(tracer, undefined, place, depth);
  const offset = lineMap(module.file).offset(place);
  const nodes = pathAt(module.module, offset);
  addLink(tracer, module, place, depth);
  const value = valueAt(nodes, offset);
  if (value) followExpression(tracer, module, value, nodes, place.via, depth + 1);
  if (place.via)
    addLink(tracer, moduleOf(tracer, place.via.file), place.via, depth + 1, "the template is used here");
}

function addLink(
  { links, seen }: Tracer,
  module: ModuleSymbols | undefined,
  place: Place,
  depth: number,
  note?: string,
): void {
  const id = `${place.file}:${place.line}`;
  if (seen.has(id) || links.length >= mostLinks) return;
  seen.add(id);
  const text = module ? lineMap(module.file).line(place.line).trim() : "";
  links.push({ place, text, depth, ...(note === undefined ? {} : { note }) });
}

const moduleOf = ({ checked }: Tracer, file: string): ModuleSymbols | undefined =>
  checked.program.modules.find((module) => module.file.path === file);

/** The expression that was written for a field whose key or value begins at the offset. */
function valueAt(nodes: readonly Node[], offset: number): Expression | undefined {
  for (const node of nodes) {
    if (node.kind === "field" && node.key.start === offset) return node.value;
    if (
      node.kind === "declaration" &&
      node.value &&
      (node.word.start === offset || node.name?.start === offset)
    )
      return node.value;
    if (node.start === offset && isExpression(node)) return node;
  }
  return undefined;
}

const notExpressions = new Set([
  "module",
  "name",
  "field",
  "declaration",
  "spread",
  "mount",
  "if",
  "for",
  "let",
]);
const isExpression = (node: Node): node is Expression =>
  !notExpressions.has(node.kind) && !node.kind.startsWith("type");

/** Links for everything that an expression reads. `around` are the nodes from the module down to it. */
function followExpression(
  tracer: Tracer,
  module: ModuleSymbols,
  expression: Expression,
  around: readonly Node[],
  via: Place | undefined,
  depth: number,
): void {
  const { resolutions } = tracer.checked;
  walk(expression, (node) => {
    const resolution = resolutions.get(node as Expression);
    if (!resolution) return true;
    if (resolution.kind === "value") {
      const { symbol } = resolution;
      if (symbol.kind === "param") followParameter(tracer, symbol, depth);
      else
        followDeclaration(
          tracer,
          symbol.module,
          symbol.declaration.name.start,
          symbol.declaration.value,
          depth,
        );
    } else if (resolution.kind === "local") followLocal(tracer, module, resolution.name, around, via, depth);
    else if (resolution.kind === "call" && resolution.target.kind === "function") {
      const { symbol } = resolution.target;
      followDeclaration(
        tracer,
        symbol.module,
        symbol.declaration.name.start,
        symbol.declaration.value,
        depth,
      );
    } else if (resolution.kind === "object" || resolution.kind === "familyMember") {
      const { span } = resolution.symbol.sites[0]!;
      const owner = tracer.checked.program.modules.find(({ file }) => file === span.file);
      if (owner) addLink(tracer, owner, placeIn(owner, span.start), depth);
    }
    return true;
  });
}

const placeIn = ({ file }: ModuleSymbols, offset: number): Place => ({
  file: file.path,
  ...lineMap(file).position(offset),
});

function followDeclaration(
  tracer: Tracer,
  module: ModuleSymbols,
  start: number,
  value: Expression,
  depth: number,
): void {
  const place = placeIn(module, start);
  if (tracer.seen.has(`${place.file}:${place.line}`)) return;
  addLink(tracer, module, place, depth);
  followExpression(tracer, module, value, pathAt(module.module, value.start), undefined, depth + 1);
}

/** A parameter's value is what was set from outside, else by the module's user, else its default. */
function followParameter(tracer: Tracer, symbol: ParamSymbol, depth: number): void {
  const { module, declaration, name } = symbol;
  const place = placeIn(module, declaration.name.start);
  if (module.root && tracer.given.set.has(name)) {
    addLink(tracer, module, place, depth, `set by --set ${name}=…`);
    return;
  }
  const { parameters } = module;
  const field = parameters?.use.with?.members.find(
    (member) => member.kind === "field" && keyText(member) === name,
  );
  if (parameters && field?.kind === "field") {
    addLink(tracer, module, place, depth, "set by the file that uses the module");
    const { user } = parameters;
    addLink(tracer, user, placeIn(user, field.key.start), depth + 1);
    followExpression(tracer, user, field.value, pathAt(user.module, field.value.start), undefined, depth + 2);
    return;
  }
  addLink(tracer, module, place, depth, module.root ? `its default; --set ${name}=… sets it` : "its default");
  if (declaration.value)
    followExpression(
      tracer,
      module,
      declaration.value,
      pathAt(module.module, declaration.value.start),
      undefined,
      depth + 1,
    );
}

/** A name that something around the place binds: a loop, a `let` of a block, a function's or template's parameter. */
function followLocal(
  tracer: Tracer,
  module: ModuleSymbols,
  name: string,
  around: readonly Node[],
  via: Place | undefined,
  depth: number,
): void {
  for (const node of [...around].reverse()) {
    const bound = bindingIn(node, name);
    if (!bound) continue;
    const place = placeIn(module, bound.start);
    if (node.kind === "template" && via) {
      addLink(tracer, module, place, depth, "a parameter of the template");
      followUse(tracer, name, via, depth + 1);
      return;
    }
    addLink(tracer, module, place, depth);
    if (bound.value)
      followExpression(tracer, module, bound.value, pathAt(module.module, bound.value.start), via, depth + 1);
    return;
  }
}

/** What the use of a template at a place gives for one of its parameters. */
function followUse(tracer: Tracer, parameter: string, place: Place, depth: number): void {
  const module = moduleOf(tracer, place.file);
  if (!module) return;
  const nodes = pathAt(module.module, lineMap(module.file).offset(place));
  const use = [...nodes].reverse().find((node) => node.kind === "declaration");
  const field = use?.body?.find((member) => member.kind === "field" && keyText(member) === parameter);
  if (field?.kind !== "field") {
    addLink(tracer, module, place, depth, `the use leaves \`${parameter}\` at its default`);
    return;
  }
  addLink(tracer, module, placeIn(module, field.key.start), depth);
  followExpression(
    tracer,
    module,
    field.value,
    pathAt(module.module, field.value.start),
    place.via,
    depth + 1,
  );
}

function bindingIn(
  node: Node,
  name: string,
): { readonly start: number; readonly value?: Expression } | undefined {
  const inMembers = (members: readonly Member[] | undefined) => {
    const found = members?.find((member) => member.kind === "let" && member.name.text === name);
    return found?.kind === "let" ? { start: found.name.start, value: found.value } : undefined;
  };
  switch (node.kind) {
    case "template":
    case "function": {
      const parameter = node.parameters.find((one) => one.name.text === name);
      return parameter
        ? { start: parameter.name.start }
        : node.kind === "template"
          ? inMembers(node.body)
          : undefined;
    }
    case "declaration": {
      const variable = node.family?.find((one) => one.variable.text === name);
      return variable ? { start: variable.variable.start, value: variable.over } : inMembers(node.body);
    }
    case "for": {
      const variable = node.variables.find((one) => one.text === name);
      return variable ? { start: variable.start, value: node.over } : inMembers(node.body);
    }
    case "list": {
      const variable = node.comprehension?.variables.find((one) => one.text === name);
      return variable && { start: variable.start, value: node.comprehension!.over };
    }
    case "if":
      return inMembers(node.then) ?? inMembers(node.otherwise);
    case "record":
      return inMembers(node.members);
    default:
      return undefined;
  }
}
