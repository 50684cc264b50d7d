import { nearest } from "../../base/edit-distance.ts";
import type { Edit, Fix } from "../diagnostics/diagnostic.ts";
import type { Span } from "../source/source.ts";
import { library } from "./library.ts";
import type { ModuleSymbols } from "./symbol.ts";

/** What brings in a function or value of the standard library; undefined where it has none of that name. */
export function broughtIn(module: ModuleSymbols, word: "fn" | "let", name: string): Fix | undefined {
  const path = declared(word).get(name);
  if (path === undefined) return undefined;
  return { title: titleOf(path, name), edits: [useOf(module, path, name)], safe: true };
}

/** The same for a template of which `at` is the name, perhaps a slip of the hand or only its beginning (`Web`). */
export function templateBroughtIn(module: ModuleSymbols, at: Span): Fix | undefined {
  const written = at.file.text.slice(at.start, at.end);
  const templates = declared("template");
  const name = templates.has(written)
    ? written
    : (nearest(written, templates.keys()) ?? begun(written, templates));
  if (name === undefined) return undefined;
  const path = templates.get(name)!;
  const edit = useOf(module, path, name);
  if (name === written) return { title: titleOf(path, name), edits: [edit], safe: true };
  const title = `did you mean \`${name}\`? ${titleOf(path, name)}`;
  return { title, edits: [edit, { span: at, text: name }] };
}

/** What the library declares, with the path of its module. */
function declared(word: "fn" | "let" | "template"): ReadonlyMap<string, string> {
  const declarations = new RegExp(`^${word} (\\w+)`, "gm");
  return new Map(
    Object.entries(library).flatMap(([path, text]) =>
      Array.from(text.matchAll(declarations), ([, name]) => [name!, path] as const),
    ),
  );
}

/** The only name that begins so. */
function begun(written: string, names: ReadonlyMap<string, string>): string | undefined {
  const [only, ...more] =
    written.length < 3 ? [] : [...names.keys()].filter((name) => name.startsWith(written));
  return more.length === 0 ? only : undefined;
}

const titleOf = (path: string, name: string) => `bring it in from the library: \`use ${path} { ${name} }\``;

/** Into the `use` that there is, or by a new one. */
function useOf({ file, module }: ModuleSymbols, path: string, name: string): Edit {
  const use = module.members.find((member) => member.kind === "use" && member.path === path);
  const last = use?.kind === "use" ? use.names.at(-1) : undefined;
  const end = last && (last.alias ?? last.name).end;
  if (end !== undefined) return { span: { file, start: end, end }, text: `, ${name}` };
  const start = file.text.startsWith("\ufeff") ? 1 : 0;
  return { span: { file, start, end: start }, text: `use ${path} { ${name} }\n` };
}
