import { nearest } from "../../base/edit-distance.ts";
import { notInModule } from "../diagnostics/catalog/names.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { FileSystem } from "../source/source.ts";
import type { Name } from "../syntax/ast.ts";
import { collect, declareValue, type ObjectWords } from "./collect.ts";
import { loadModules, type Parse } from "./modules.ts";
import { type BoundProgram, type ModuleSymbols, type ModuleUse, span } from "./symbol.ts";

/** Reads a file and all that it uses, and says what each module declares. Never throws. */
export function bind(options: {
  readonly fileSystem: FileSystem;
  readonly path: string;
  readonly parse: Parse;
  readonly words: ObjectWords;
  readonly report: (diagnostic: Diagnostic) => void;
  /** Whether modules outside of the project may be used. */
  readonly allowOutside?: boolean;
}): BoundProgram {
  const { root, modules } = loadModules(options);
  for (const module of modules) {
    for (const use of module.uses) bringIn(module, use, options.report);
    collect(module, options.words, options.report);
  }
  return { root, modules };
}

/** Enters what a `use` names. The used module is collected already: it comes first in the order. */
function bringIn(
  user: ModuleSymbols,
  { use, module }: ModuleUse,
  report: (diagnostic: Diagnostic) => void,
): void {
  if (use.alias)
    declareValue({ symbols: user, report }, use.alias, {
      kind: "module",
      name: use.alias.text,
      module,
      span: span(user, use.alias),
    });
  for (const { name, alias } of use.names) {
    if (name.text === "") continue;
    const local = alias ?? name;
    const value = module.values.get(name.text);
    const label = module.labels.get(name.text);
    const objects = module.objectsByName.get(name.text);
    if (value) declareValue({ symbols: user, report }, local, value);
    if (label) user.labels.set(local.text, label);
    if (objects) user.importedObjects.set(local.text, objects);
    if (value || label || objects)
      user.importedNames.set(local.text, { name: local, used: { value: false } });
    else {
      const meant = meantExport(name, module);
      user.missing.add(local.text);
      // What was meant is most likely read under its right name below.
      if (meant !== undefined) user.missing.add(meant);
      report(unknownExport(user, name, module, meant));
    }
  }
}

const meantExport = (name: Name, { values, labels, objectsByName }: ModuleSymbols): string | undefined =>
  nearest(name.text, [...values.keys(), ...labels.keys(), ...objectsByName.keys()]);

function unknownExport(
  user: ModuleSymbols,
  name: Name,
  module: ModuleSymbols,
  meant: string | undefined,
): Diagnostic {
  const at = span(user, name);
  // Where it is used it is spelt as it was meant; that it is not there is told once.
  if (meant) user.missing.add(meant);
  const details = meant
    ? { fixes: [{ title: `did you mean \`${meant}\`?`, edits: [{ span: at, text: meant }] }] }
    : { notes: declared(module) };
  return notInModule(at, { name: name.text, module: module.title }, details);
}

/** What a module has to offer, for somebody who guessed. */
function declared({ title, values, labels, objectsByName, importedNames }: ModuleSymbols): readonly string[] {
  const all = new Set([...values.keys(), ...labels.keys(), ...objectsByName.keys()]);
  const names = [...all].filter((name) => !importedNames.has(name));
  if (names.length === 0) return [`\`${title}\` declares nothing`];
  const most = 12;
  const listed = names.slice(0, most).map((name) => `\`${name}\``);
  return [`it declares ${listed.join(", ")}${names.length > most ? ", …" : ""}`];
}
