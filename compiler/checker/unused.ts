import type { BoundProgram, LabelSymbol, ModuleSymbols, ValueSymbol } from "../binder/symbol.ts";
import { unusedName } from "../diagnostics/catalog/names.ts";
import type { Span } from "../source/source.ts";
import { walk } from "../syntax/walk.ts";
import { type Checker, moduleScope } from "./checked.ts";
import { at } from "./report.ts";

const words: Readonly<Record<ValueSymbol["kind"], string>> = {
  param: "param",
  let: "let",
  function: "fn",
  type: "type",
  template: "template",
  module: "imported name",
};

/**
 * Warns about what the first file declares or brings in and never reads. What other modules declare is for their users,
 * and so is what a file without objects declares: it is a library. A name that begins with `_` is left on purpose.
 */
export function reportUnused(checker: Checker, { root, modules }: BoundProgram): void {
  const tell = (span: Span, name: string, what: string) => {
    if (!name.startsWith("_")) checker.report(unusedName(span, { name, what }));
  };
  if (!isLibrary(root)) {
    for (const symbol of root.values.values()) {
      if (symbol.kind === "module" || symbol.module !== root || checker.used.has(symbol)) continue;
      tell(symbol.span, symbol.name, words[symbol.kind]);
    }
    const labels = [...root.labels.values()].filter(
      (label) => label.module === root && !checker.usedLabels.has(label),
    );
    for (const label of unspoken(labels, modules)) tell(label.span, label.name, "label");
  }
  for (const [name, { name: written, used }] of root.importedNames)
    if (!used.value) tell(at(moduleScope(root), written), name, "imported name");
}

/** Whether a file is there for others: nothing in it declares or changes an object. */
const isLibrary = ({ objects, module }: ModuleSymbols): boolean =>
  objects.length === 0 &&
  !module.members.some(({ kind }) => kind === "extend" || kind === "drop" || kind === "scenario");

/** Labels that no text of the program speaks of: records become labels in other places than they are written. */
function unspoken(labels: readonly LabelSymbol[], modules: readonly ModuleSymbols[]): readonly LabelSymbol[] {
  if (labels.length === 0) return labels;
  const spoken = new Set<string>();
  let computed = false;
  for (const { module, library } of modules) {
    if (library) continue;
    walk(module, (node) => {
      if (node.kind === "label" || node.kind === "use") return false;
      if (node.kind === "member") spoken.add(node.member.text);
      else if (node.kind === "string" && node.parts.length < 2) spoken.add(String(node.parts[0] ?? ""));
      else if (node.kind === "field") {
        if (node.key.kind === "name") spoken.add(node.key.text);
        else if (node.key.parts.some((part) => typeof part !== "string")) computed = true;
      }
      return true;
    });
  }
  return computed ? [] : labels.filter(({ name, key }) => !spoken.has(name) && !spoken.has(key));
}
