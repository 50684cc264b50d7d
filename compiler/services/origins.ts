import { objectKey } from "../../model/meta.ts";
import type { FieldPath, Place, Plan } from "../../model/plan.ts";
import type { ModuleSymbols, ObjectSymbol, ParamSymbol } from "../binder/symbol.ts";
import type { Checked } from "../checker/checked.ts";
import { keyText } from "../checker/record-literals.ts";
import { parent } from "../plan/paths.ts";
import { lineMap } from "../source/line-map.ts";
import type { SourceFile } from "../source/source.ts";
import type { Expression, Field, Member } from "../syntax/ast.ts";
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

/** What a plan was compiled from. */
export interface Compiled {
  readonly checked: Checked;
  readonly plan: Plan;
  /** Every file that was read; what stands for Kubernetes YAML in `checked` is not among them. */
  readonly files: readonly SourceFile[];
  /** Names of the parameters that were set from outside. */
  readonly set: ReadonlySet<string>;
  /** The name of the profile that was chosen. */
  readonly profile?: string;
}

/**
 * Follows a field's value back through parameters, `let`s, functions, loops and uses of templates to the lines that
 * wrote it.
 */
export function originOf(compiled: Compiled, key: string, path: FieldPath): Origin {
  const { plan } = compiled;
  const places = plan.provenance[key] ?? {};
  let here: FieldPath | undefined = path;
  while (here !== undefined && !Object.hasOwn(places, here)) here = parent(here);
  const place = here === undefined ? undefined : places[here];
  if (!place) return { links: [] };
  const tracer: Tracer = { ...compiled, links: [], seen: new Set() };
  const inside = here === path ? [] : writtenInside(places, path);
  if (inside.length > 0) {
    for (const one of inside) follow(tracer, places[one]!, 0);
    return { links: tracer.links };
  }
  const from = here === path && path !== "" ? followAround(tracer, places, path, place) : 0;
  follow(tracer, place, from);
  return here === path ? { links: tracer.links } : { links: tracer.links, around: here! };
}

/** Of a list or record that was not written as a whole, the outermost parts that were. */
function writtenInside(places: Readonly<Record<FieldPath, Place>>, path: FieldPath): FieldPath[] {
  const below = Object.keys(places).filter((one) => one.startsWith(`${path}[`) || one.startsWith(`${path}.`));
  return below.filter(
    (one) =>
      !below.some((other) => other !== one && (one.startsWith(`${other}.`) || one.startsWith(`${other}[`))),
  );
}

/** What says to take the record from elsewhere that the field was written in, `requests: limits`; gives how many links that are. */
function followAround(
  tracer: Tracer,
  places: Readonly<Record<FieldPath, Place>>,
  path: FieldPath,
  own: Place,
): number {
  const around = parent(path);
  const place = around === undefined || around === "" ? undefined : places[around];
  const module = place && moduleOf(tracer, place.file);
  if (!module) return 0;
  const offset = lineMap(module.file).offset(place);
  const value = valueAt(pathAt(module.module, offset), offset);
  if (!value || value.kind === "record") return 0;
  const ownOffset = own.file === place.file ? lineMap(module.file).offset(own) : -1;
  if (ownOffset >= value.start && ownOffset <= value.end) return 0;
  addLink(tracer, place, 0);
  return 1;
}

interface Tracer extends Compiled {
  readonly links: Link[];
  /** Lines that have been told. */
  readonly seen: Set<string>;
}

/** The furthest that a value is followed: longer ways tell nobody anything. */
const mostLinks = 30;

function follow(tracer: Tracer, place: Place, depth: number): void {
  const module = moduleOf(tracer, place.file);
  addLink(tracer, place, depth);
  if (!module) return;
  const offset = lineMap(module.file).offset(place);
  const nodes = pathAt(module.module, offset);
  const value = valueAt(nodes, offset);
  if (value) followExpression(tracer, module, value, nodes, place.via, depth + 1);
  if (place.via) addLink(tracer, place.via, depth + 1, "the template is used here");
}

/** What stands for YAML is no file of anybody's: a place in it is none. */
function addLink({ links, seen, files, checked }: Tracer, place: Place, depth: number, note?: string): void {
  const id = `${place.file}:${place.line}`;
  if (seen.has(id) || links.length >= mostLinks) return;
  const file =
    files.find(({ path }) => path === place.file) ??
    checked.program.modules.find(({ library, file }) => library && file.path === place.file)?.file;
  if (!file) return;
  seen.add(id);
  const text = lineMap(file).line(place.line).trim();
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
    } else if (resolution.kind === "object" || resolution.kind === "familyMember")
      followObject(tracer, resolution.symbol, depth);
    return true;
  });
}

function followObject(
  tracer: Tracer,
  { sites, name, objectKind, namespace }: ObjectSymbol,
  depth: number,
): void {
  const { span } = sites[0]!;
  const own = tracer.files.some(({ path }) => path === span.file.path);
  const place = own
    ? { file: span.file.path, ...lineMap(span.file).position(span.start) }
    : tracer.plan.provenance[objectKey(objectKind, namespace ?? "default", name)]?.[""];
  if (place) addLink(tracer, place, depth);
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
  addLink(tracer, place, depth);
  followExpression(tracer, module, value, pathAt(module.module, value.start), undefined, depth + 1);
}

/** A parameter's value is what was set from outside, else by the module's user, else its default. */
function followParameter(tracer: Tracer, symbol: ParamSymbol, depth: number): void {
  const { module, declaration, name } = symbol;
  const place = placeIn(module, declaration.name.start);
  if (module.root && tracer.set.has(name)) {
    addLink(tracer, place, depth, `set by --set ${name}=…`);
    return;
  }
  const chosen =
    module.root && tracer.profile !== undefined ? module.profiles.get(tracer.profile) : undefined;
  const given = fieldOf(chosen?.declaration.body, name);
  if (given) {
    addLink(tracer, place, depth, `set by the profile \`${tracer.profile}\``);
    addLink(tracer, placeIn(module, given.key.start), depth + 1);
    followExpression(
      tracer,
      module,
      given.value,
      pathAt(module.module, given.value.start),
      undefined,
      depth + 2,
    );
    return;
  }
  const { parameters } = module;
  const field = fieldOf(parameters?.use.with?.members, name);
  if (parameters && field) {
    addLink(tracer, place, depth, "set by the file that uses the module");
    const { user } = parameters;
    addLink(tracer, placeIn(user, field.key.start), depth + 1);
    followExpression(tracer, user, field.value, pathAt(user.module, field.value.start), undefined, depth + 2);
    return;
  }
  addLink(tracer, place, depth, module.root ? `its default; --set ${name}=… sets it` : "its default");
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

function fieldOf(members: readonly Member[] | undefined, name: string): Field | undefined {
  const found = members?.find((member) => member.kind === "field" && keyText(member) === name);
  return found?.kind === "field" ? found : undefined;
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
      addLink(tracer, place, depth, "a parameter of the template");
      followUse(tracer, module, { name, value: bound.value }, via, depth + 1);
      return;
    }
    addLink(tracer, place, depth);
    if (bound.value)
      followExpression(tracer, module, bound.value, pathAt(module.module, bound.value.start), via, depth + 1);
    return;
  }
}

/** What the use of a template at a place gives for one of its parameters, else what the template (of `home`) gives it. */
function followUse(
  tracer: Tracer,
  home: ModuleSymbols,
  parameter: { readonly name: string; readonly value: Expression | undefined },
  place: Place,
  depth: number,
): void {
  const module = moduleOf(tracer, place.file);
  if (!module) return;
  const nodes = pathAt(module.module, lineMap(module.file).offset(place));
  const use = [...nodes].reverse().find((node) => node.kind === "declaration");
  const field = fieldOf(use?.body, parameter.name);
  if (!field) {
    addLink(tracer, place, depth, `the use leaves \`${parameter.name}\` at its default`);
    const { value } = parameter;
    if (value) followExpression(tracer, home, value, pathAt(home.module, value.start), place, depth + 1);
    return;
  }
  addLink(tracer, placeIn(module, field.key.start), depth);
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
): { readonly start: number; readonly value?: Expression | undefined } | undefined {
  const inMembers = (members: readonly Member[] | undefined) => {
    const found = members?.find((member) => member.kind === "let" && member.name.text === name);
    return found?.kind === "let" ? { start: found.name.start, value: found.value } : undefined;
  };
  switch (node.kind) {
    case "template":
    case "function": {
      const parameter = node.parameters.find((one) => one.name.text === name);
      return parameter
        ? { start: parameter.name.start, ...(node.kind === "template" && { value: parameter.value }) }
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
