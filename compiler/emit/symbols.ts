import type { ModuleSymbols, ValueSymbol } from "../binder/symbol.ts";
import type { Checked, Signature } from "../checker/checked.ts";
import { lineMap } from "../source/line-map.ts";
import type { Span } from "../source/source.ts";
import { displayType } from "../types/display.ts";
import type { Type } from "../types/type.ts";

/** `--emit symbols`: what every module declares and what it brings in, one name a line with its place. */
export function emitSymbols({ program }: Checked): string {
  return printModules(program.modules, (module) => [
    ...[...module.values].map(([name, symbol]) => row(symbol.kind, name, symbol.span, module)),
    ...[...module.labels].map(([name, label]) =>
      row("label", name === label.key ? name : `${name} = ${JSON.stringify(label.key)}`, label.span, module),
    ),
    ...module.objects.flatMap((object) =>
      object.sites.map(({ declaration, span }) =>
        row(declaration.external ? `external ${object.word}` : object.word, pathOf(object), span, module),
      ),
    ),
  ]);
}

/** `--emit types`: every value, function, type and label of every module with the type that it was found to have. */
export function emitTypes(checked: Checked): string {
  return printModules(checked.program.modules, (module) => [
    ...[...module.values.values()].flatMap((symbol) =>
      symbol.kind === "module" || symbol.module !== module ? [] : [typeRow(checked, symbol)],
    ),
    ...[...module.labels.values()].flatMap((label) => {
      const type = checked.labelTypes.get(label);
      return label.module === module && type ? [`label ${label.name}: ${displayType(type)}`] : [];
    }),
  ]);
}

function printModules(
  modules: readonly ModuleSymbols[],
  rows: (module: ModuleSymbols) => readonly string[],
): string {
  const parts = modules
    .map((module) => ({ module, lines: rows(module) }))
    .filter(({ lines }) => lines.length > 0)
    .map(({ module, lines }) => [module.title, ...lines.map((line) => `  ${line}`)].join("\n"));
  return parts.map((part) => `${part}\n`).join("\n");
}

function row(kind: string, name: string, span: Span, module: ModuleSymbols): string {
  const { line, column } = lineMap(span.file).position(span.start);
  const place = span.file === module.file ? `${line}:${column}` : `${span.file.path}:${line}:${column}`;
  return `${kind.padEnd(10)} ${name.padEnd(24)} ${place}`.trimEnd();
}

const pathOf = ({ name, namespace }: { name: string; namespace: string | undefined }): string =>
  namespace === undefined ? name : `${namespace}.${name}`;

function typeRow({ valueTypes, signatures, aliases }: Checked, symbol: ValueSymbol): string {
  if (symbol.kind === "function") {
    const signature = signatures.get(symbol);
    return `fn ${symbol.name}${signature ? displaySignature(signature) : ""}`;
  }
  const alias = symbol.kind === "type" ? aliases.get(symbol) : undefined;
  if (alias && alias !== "open") {
    const { name: _, ...inside } = alias as Type & { name?: string };
    return `type ${symbol.name} = ${displayType(inside as Type)}`;
  }
  const type = valueTypes.get(symbol);
  return `${symbol.kind} ${symbol.name}${type ? `: ${displayType(type)}` : ""}`;
}

function displaySignature({ parameters, result }: Signature): string {
  const shown = parameters.map(({ name, type, value }) => `${name}${value ? "?" : ""}: ${displayType(type)}`);
  return `(${shown.join(", ")}): ${displayType(result)}`;
}
