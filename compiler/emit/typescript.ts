import { addMapping, GenMapping, setSourceContent, toEncodedMap } from "@jridgewell/gen-mapping";
import type { Service } from "../../model/core.ts";
import { type KubernetesObject, keyOf } from "../../model/meta.ts";
import type { Place, Plan } from "../../model/plan.ts";
import { canonical } from "../plan/canonical.ts";
import { child, item } from "../plan/paths.ts";
import { lineMap } from "../source/line-map.ts";
import type { SourceFile } from "../source/source.ts";
import { literal, type Style, typesOfValues, values } from "./literal.ts";

type Morph = typeof import("ts-morph");
type Node = import("ts-morph").ts.Node;
type VariableStatementStructure = import("ts-morph").VariableStatementStructure;

/** A plan as a module: its objects, each with the type of just what it holds, and where its services answer. */
export interface TypeScriptModule {
  readonly typescript: string;
  /** The same without its types, line by line and column by column. */
  readonly javascript: string;
  /** The types of `javascript`. */
  readonly declarations: string;
  /** From `typescript` and from `javascript` to the `.kdsl` files: a source map, version 3, as JSON. */
  readonly map: string;
}

export interface TypeScriptOptions {
  /** ts-morph, which is large and loaded only for this. */
  readonly morph: Morph;
  /** The texts that the plan was compiled from, for the map. */
  readonly sources: readonly SourceFile[];
  /** The file that the module will be, for the map: `cluster.ts`. */
  readonly file: string;
  /** A source's path as the map should have it, seen from the module's own directory. */
  readonly pathOf?: (path: string) => string;
}

/** The exports that objects stand in, by kind. */
const groups: Readonly<Record<string, string>> = {
  Namespace: "namespaces",
  Node: "nodes",
  Pod: "pods",
  ReplicationController: "rcs",
  Service: "services",
  ConfigMap: "configs",
  Secret: "secrets",
};

/**
 * Writes the module with ts-morph, whole structures at once, and maps every field to the place that wrote it. An error
 * that is thrown through a service's `address` therefore shows the line of the `.kdsl` that declares the service.
 */
export function emitTypeScript(plan: Plan, options: TypeScriptOptions): TypeScriptModule {
  const { morph, file } = options;
  const project = new morph.Project({
    useInMemoryFileSystem: true,
    manipulationSettings: { indentationText: morph.IndentationText.TwoSpaces },
  });
  const byGroup = groupObjects(plan);
  const head = `// Made by kdsl from ${plan.sources[0]?.path ?? plan.name}: \`kdsl compile --emit ts\` writes it anew.`;
  const variable = (
    name: string,
    rest: Pick<VariableStatementStructure, "hasDeclareKeyword"> & { type?: string; initializer?: string },
  ): VariableStatementStructure => {
    const { hasDeclareKeyword = false, ...declaration } = rest;
    return {
      kind: morph.StructureKind.VariableStatement,
      isExported: true,
      hasDeclareKeyword,
      declarationKind: morph.VariableDeclarationKind.Const,
      docs: [`The ${name} of the plan, by name.`],
      declarations: [{ name, ...declaration }],
    };
  };
  const source = project.createSourceFile("module.ts", {
    statements: [
      head,
      ...prelude,
      ...[...byGroup].map(([name, objects]) =>
        variable(name, { initializer: `${groupText(objects, values)} as const` }),
      ),
    ],
  });
  const types = project.createSourceFile("module.d.ts", {
    statements: [
      head,
      ...[...byGroup].map(([name, objects]) =>
        variable(name, { hasDeclareKeyword: true, type: groupText(objects, typesOfValues) }),
      ),
    ],
  });
  for (const each of [source, types]) each.formatText({ indentSize: 2 });
  const typescript = source.getFullText();
  const map = mapOf(plan, byGroup, source.compilerNode, typescript, options);
  return {
    typescript,
    javascript: withoutTypes(morph, source.compilerNode, typescript),
    declarations: types.getFullText(),
    map: JSON.stringify({ ...toEncodedMap(map), file }),
  };
}

function groupObjects(plan: Plan): ReadonlyMap<string, readonly KubernetesObject[]> {
  const found = new Map<string, KubernetesObject[]>(Object.values(groups).map((name) => [name, []]));
  for (const object of plan.objects) {
    const name = groups[object.kind] ?? "others";
    const list = found.get(name);
    if (list) list.push(object);
    else found.set(name, [object]);
  }
  return found;
}

/** How an object is named in its export: with its namespace where that is another than `default`. */
function exportName({ kind, metadata: { name, namespace } }: KubernetesObject): string {
  const known = groups[kind] !== undefined;
  const own = namespace === undefined || namespace === "default" ? name : `${namespace}.${name}`;
  return known ? own : `${kind}/${own}`;
}

/** What the module's services share: how they find where they answer. */
const prelude = [
  `const environment = (globalThis as { process?: { env: Record<string, string | undefined> } }).process?.env ?? {};`,
  `/** Where a service answers, as \`kdsl run FILE --wait -- COMMAND\` tells COMMAND. */
function answers(service: string, variable: string, port: string | undefined): string {
  const host = environment[variable + "_SERVICE_HOST"];
  const suffix = port === undefined ? "" : "_" + port.toUpperCase().replaceAll("-", "_");
  const number = environment[variable + "_SERVICE_PORT" + suffix];
  if (host === undefined || number === undefined)
    throw new Error("service " + service + " answers nowhere: run this with kdsl run FILE --wait -- COMMAND");
  return host + ":" + number;
}`,
];

/** An export's objects as values, or as the types of them. */
function groupText(objects: readonly KubernetesObject[], style: Style): string {
  const entries = objects.map((object) => {
    const { status: _, ...rest } = object as KubernetesObject & { status?: unknown };
    const text = literal(canonical(object.kind === "Node" ? object : rest), style, 2);
    const body = object.kind === "Service" ? withAddress(object as Service, text, style) : text;
    return `  ${style.key(exportName(object))}: ${body}${style.end}`;
  });
  return entries.length === 0 ? "{}" : `{\n${entries.join("\n")}\n}`;
}

const variableOf = (name: string) => name.toUpperCase().replace(/[-.]/g, "_");

/** A service's text with the function that says where it answers. */
function withAddress(service: Service, text: string, style: Style): string {
  const { ports = [], clusterIP } = service.spec;
  if (ports.length === 0 || clusterIP === "None") return text;
  const { name } = service.metadata;
  const named = ports.flatMap((port) => (port.name ? [JSON.stringify(port.name)] : []));
  const [only, another] = named;
  const parameter =
    only === undefined
      ? ""
      : style === typesOfValues
        ? `port${another ? "" : "?"}: ${named.join(" | ")}`
        : `port: ${named.join(" | ")}${another ? "" : ` = ${only}`}`;
  const port = only === undefined ? "undefined" : "port";
  const call = `answers(${JSON.stringify(name)}, ${JSON.stringify(variableOf(name))}, ${port})`;
  const address =
    style === typesOfValues ? `(${parameter}) => string` : `(${parameter}): string =>\n      ${call}`;
  const help = "/** `HOST:PORT` of the running service; throws outside of `kdsl run --wait`. */";
  const end = text.lastIndexOf("\n");
  return `${text.slice(0, end)}\n    ${help}\n    ${style.key("address")}: ${address}${style.end}${text.slice(end)}`;
}

/** Every property of an object to the place that wrote the field, else to that of what is around it. */
function mapOf(
  plan: Plan,
  byGroup: ReadonlyMap<string, readonly KubernetesObject[]>,
  root: import("ts-morph").ts.SourceFile,
  text: string,
  { morph: { ts }, sources, pathOf = (path) => path, file }: TypeScriptOptions,
): GenMapping {
  const map = new GenMapping({ file });
  const lines = lineMap({ path: file, text });
  for (const source of sources) setSourceContent(map, pathOf(source.path), source.text);
  const note = (node: Node, place: Place | undefined) => {
    if (!place) return;
    const at = lines.position(node.getStart(root));
    addMapping(map, {
      generated: { line: at.line, column: at.column - 1 },
      source: pathOf(place.file),
      original: { line: place.line, column: place.column - 1 },
    });
  };
  const visit = (node: Node, key: string, path: string, around: Place | undefined): void => {
    const places = plan.provenance[key] ?? {};
    if (ts.isArrayLiteralExpression(node))
      node.elements.forEach((element, index) => {
        const here = places[item(path, index)] ?? around;
        note(element, here);
        visit(element, key, item(path, index), here);
      });
    if (!ts.isObjectLiteralExpression(node)) return;
    for (const property of node.properties) {
      if (!ts.isPropertyAssignment(property)) continue;
      const written = ts.isComputedPropertyName(property.name) ? property.name.expression : property.name;
      const name = (written as import("ts-morph").ts.Identifier | import("ts-morph").ts.StringLiteral).text;
      const inner = child(path, name);
      const here = places[inner] ?? around;
      note(property, here);
      if (ts.isArrowFunction(property.initializer)) note(property.initializer.body, here);
      visit(property.initializer, key, inner, here);
    }
  };
  for (const statement of root.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name, initializer } of statement.declarationList.declarations) {
      const objects = ts.isIdentifier(name) ? byGroup.get(name.text) : undefined;
      if (!objects || !initializer || !ts.isAsExpression(initializer)) continue;
      const group = initializer.expression;
      if (!ts.isObjectLiteralExpression(group)) continue;
      group.properties.forEach((property, index) => {
        const object = objects[index]!;
        const place = plan.provenance[keyOf(object)]?.[""];
        note(property, place);
        if (ts.isPropertyAssignment(property)) visit(property.initializer, keyOf(object), "", place);
      });
    }
  }
  return map;
}

/** The text with everything that is only a type replaced by spaces, so that all places stay where they are. */
function withoutTypes({ ts }: Morph, root: import("ts-morph").ts.SourceFile, text: string): string {
  const cuts: { start: number; end: number }[] = [];
  const visit = (node: Node): void => {
    if (ts.isAsExpression(node)) cuts.push({ start: node.expression.end, end: node.end });
    else if (ts.isParameter(node) || ts.isArrowFunction(node) || ts.isFunctionDeclaration(node)) {
      if (node.type)
        cuts.push({ start: text.lastIndexOf(":", node.type.getStart(root)), end: node.type.end });
    }
    ts.forEachChild(node, visit);
  };
  visit(root);
  let result = text;
  for (const { start, end } of cuts)
    result = result.slice(0, start) + text.slice(start, end).replace(/[^\n]/g, " ") + result.slice(end);
  return result;
}
