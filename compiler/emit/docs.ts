import type { ModuleSymbols } from "../binder/symbol.ts";
import type { Checked } from "../checker/checked.ts";
import type { SourceFile } from "../source/source.ts";
import type { Declaration, Expression, Member, Parameter, TypeNode } from "../syntax/ast.ts";
import { displayType } from "../types/display.ts";
import type { Type } from "../types/type.ts";

/** `kdsl docs`: what a module offers to those who use it, as Markdown, under `name` where it has one. Texts come from the `///` lines of the file. */
export function emitDocs(checked: Checked, module: ModuleSymbols, name?: string): string {
  const sections = [
    section("Parameters", parameters(checked, module)),
    section("Templates", templates(module)),
    section("Functions", functions(checked, module)),
    section("Values", values(checked, module)),
    section("Types", types(checked, module)),
    section("Labels", labels(checked, module)),
    section("Policies", policies(module)),
    section("Profiles", named(module, "profile")),
    section("Objects", objects(module)),
    section("Scenarios", scenarios(module)),
  ];
  const parts = [
    `# ${name === undefined ? titleOf(module) : `\`${name}\``}`,
    helpOfFile(module.file),
    ...sections,
  ].filter((part) => part !== "");
  return `${parts.join("\n\n")}\n`;
}

/** A module by what a `use` names it with: its file's name, or that of its folder for a `main.kdsl`. */
function titleOf({ title, library }: ModuleSymbols): string {
  if (library) return `\`${title}\``;
  const parts = title.split("/");
  const file = parts.at(-1)!;
  return `\`${file === "main.kdsl" && parts.length > 1 ? parts.at(-2) : file}\``;
}

/** The `///` lines at the beginning of the file, where an empty line parts them from the first declaration. */
function helpOfFile({ text }: SourceFile): string {
  const lines = text.replace(/^\ufeff/, "").split(/\r\n?|\n/);
  const end = lines.findIndex((line) => !line.startsWith("///"));
  if (end <= 0 || lines[end]?.trim() !== "") return "";
  return lines
    .slice(0, end)
    .map((line) => line.slice(3).trim())
    .join("\n");
}

const section = (title: string, content: string): string =>
  content === "" ? "" : `## ${title}\n\n${content}`;

const cell = (text: string): string => text.replace(/\|/g, "\\|").replace(/\s*\n\s*/g, " ");
const code = (text: string): string => `\`${cell(text)}\``;

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`.replace(/ {2,}\|/g, " |");
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}

/** The members of a kind at the top of a module, also those under an `if` or in a `for`. */
function membersOf<Kind extends Member["kind"]>(
  { module }: ModuleSymbols,
  kind: Kind,
): readonly Extract<Member, { kind: Kind }>[] {
  const found: Extract<Member, { kind: Kind }>[] = [];
  const visit = (members: readonly Member[]) => {
    for (const member of members) {
      if (member.kind === kind) found.push(member as Extract<Member, { kind: Kind }>);
      if (member.kind === "if") visit([...member.then, ...(member.otherwise ?? [])]);
      if (member.kind === "for") visit(member.body);
    }
  };
  visit(module.members);
  return found;
}

const source = ({ file }: ModuleSymbols, node: { start: number; end: number }): string =>
  file.text.slice(node.start, node.end).replace(/\s+/g, " ");

function parameters({ valueTypes }: Checked, module: ModuleSymbols): string {
  const rows = membersOf(module, "param").map(({ name, value, help }) => {
    const symbol = module.values.get(name.text);
    const type = symbol && valueTypes.get(symbol);
    return [code(name.text), typeCell(type), defaultCell(module, value, type), cell(help ?? "")];
  });
  return table(["parameter", "type", "default", ""], rows);
}

const typeCell = (type: Type | undefined): string => (type ? code(displayType(type)) : "");

const defaultCell = (module: ModuleSymbols, value: Expression | undefined, type?: Type): string => {
  if (value) return code(source(module, value));
  return type?.kind === "optional" ? "`none`" : "required";
};

function templates(module: ModuleSymbols): string {
  return membersOf(module, "template")
    .map(({ name, parameters: own, body, help }) => {
      const rows = own.map((one) => [
        code(one.name.text),
        one.type ? code(source(module, one.type)) : "",
        one.value ? code(source(module, one.value)) : optionalOrRequired(one.type),
        cell((one as Parameter & { help?: string }).help ?? ""),
      ]);
      const makes = declaredIn(body).map(({ word, objectName, computedName }) => {
        const own = computedName ? source(module, computedName).slice(1, -1) : objectName;
        return `${word.text} \`${own === "self" ? "x" : `x-${own}`}\``;
      });
      const asked = body.flatMap((member) =>
        member.kind === "scenario" ? [`*x: ${source(module, member.title).slice(1, -1)}*`] : [],
      );
      return [
        `### \`${name.text}\``,
        help ?? "",
        table(["parameter", "type", "default", ""], rows),
        makes.length === 0 ? "" : `\`${name.text} x { … }\` makes ${listOf(makes)}.`,
        asked.length === 0 ? "" : `\`${name.text} x { … }\` asks of the cluster: ${listOf(asked)}.`,
      ]
        .filter((part) => part !== "")
        .join("\n\n");
    })
    .join("\n\n");
}

const optionalOrRequired = (type: TypeNode | undefined): string =>
  type?.kind === "type-optional" ? "`none`" : "required";

/** The objects that a template's body declares, under whatever conditions. */
function declaredIn(body: readonly Member[]): readonly Declaration[] {
  return body.flatMap((member) => {
    if (member.kind === "declaration" && member.name) return [member];
    if (member.kind === "if") return declaredIn([...member.then, ...(member.otherwise ?? [])]);
    return member.kind === "for" ? declaredIn(member.body) : [];
  });
}

const listOf = (items: readonly string[]): string =>
  items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;

function functions({ signatures }: Checked, module: ModuleSymbols): string {
  return membersOf(module, "function")
    .map(({ name, parameters: own, help }) => {
      const symbol = module.values.get(name.text);
      const signature = symbol?.kind === "function" ? signatures.get(symbol) : undefined;
      const shown = own.map(
        (one) =>
          `${one.name.text}${one.type ? `: ${source(module, one.type)}` : ""}${one.value ? ` = ${source(module, one.value)}` : ""}`,
      );
      const head = `### \`${name.text}(${shown.join(", ")})${signature ? `: ${displayType(signature.result)}` : ""}\``;
      return help ? `${head}\n\n${help}` : head;
    })
    .join("\n\n");
}

function values({ valueTypes }: Checked, module: ModuleSymbols): string {
  const rows = membersOf(module, "let").flatMap(({ name, help }) => {
    const symbol = module.values.get(name.text);
    // Within a loop a value has no name outside.
    return symbol ? [[code(name.text), typeCell(valueTypes.get(symbol)), cell(help ?? "")]] : [];
  });
  return table(["value", "type", ""], rows);
}

function types({ aliases }: Checked, module: ModuleSymbols): string {
  const rows = membersOf(module, "type").map(({ name, type, help }) => {
    const symbol = module.values.get(name.text);
    const known = symbol?.kind === "type" ? aliases.get(symbol) : undefined;
    return [code(name.text), known ? code(source(module, type)) : "", cell(help ?? "")];
  });
  return table(["type", "is", ""], rows);
}

function labels({ labelTypes }: Checked, module: ModuleSymbols): string {
  const rows = membersOf(module, "label").map(({ key, name, help }) => {
    const label = module.labels.get(name.text);
    const type = label && labelTypes.get(label);
    return [code(name.text), name.text === key ? "" : code(key), typeCell(type), cell(help ?? "")];
  });
  return table(["label", "key", "values", ""], rows);
}

function policies(module: ModuleSymbols): string {
  const rows = membersOf(module, "policy").map(({ title, word, where }) => [
    cell(source(module, title).slice(1, -1)),
    code(where ? `${word.text} where ${source(module, where)}` : word.text),
  ]);
  return table(["policy", "holds for every"], rows);
}

function scenarios(module: ModuleSymbols): string {
  const rows = membersOf(module, "scenario").map(({ title, help }) => [
    cell(source(module, title).slice(1, -1)),
    cell(help ?? ""),
  ]);
  return table(["scenario", ""], rows);
}

/** Declarations of one word, such as `profile`. */
function named(module: ModuleSymbols, wanted: string): string {
  const rows = membersOf(module, "declaration")
    .filter(({ word }) => word.text === wanted)
    .map(({ name, help }) => [code(name?.text ?? ""), cell(help ?? "")]);
  return table([wanted, ""], rows);
}

function objects(module: ModuleSymbols): string {
  const rows = module.objects.flatMap(({ word, name, namespace, sites }) =>
    sites.map(({ declaration }) => {
      const family = declaration.family?.map((one) => source(module, one)).join(", ");
      const own = namespace === undefined ? name : `${namespace}.${name}`;
      return [
        declaration.external ? `external ${word}` : word,
        code(family ? `${own}[${family}]` : own),
        cell(declaration.help ?? ""),
      ];
    }),
  );
  return table(["kind", "name", ""], rows);
}
