import { nearest } from "../../base/edit-distance.ts";
import { moduleCycle, moduleNotFound, moduleSetTwice, unknownLibrary } from "../diagnostics/catalog/names.ts";
import { noPackage, noPackageModule, outsideProject } from "../diagnostics/catalog/projects.ts";
import type { Diagnostic, Fix } from "../diagnostics/diagnostic.ts";
import type { FileSystem, SourceFile, Span } from "../source/source.ts";
import type { Module, UseDeclaration } from "../syntax/ast.ts";
import { library } from "./library.ts";
import { findInPackages, packageOf } from "./packages.ts";
import { checkProjectIn, projectRoot } from "./project.ts";
import { type ModuleSymbols, type ModuleUse, span } from "./symbol.ts";

export type Parse = (file: SourceFile) => {
  readonly module: Module;
  readonly diagnostics: readonly Diagnostic[];
};

interface Loader {
  readonly fileSystem: FileSystem;
  readonly parse: Parse;
  readonly report: (diagnostic: Diagnostic) => void;
  /** Whether files outside of their project may be used. */
  readonly allowOutside: boolean;
  /** By path; `undefined` while it is being read. */
  readonly loaded: Map<string, ModuleSymbols | "open">;
  /** A module comes after those that it uses. */
  readonly order: ModuleSymbols[];
  readonly trail: string[];
  /** The directories of the packages met so far. */
  readonly packages: Set<string>;
}

/** Reads the file and, in depth, all that it uses. A file that cannot be read gives an empty module and a diagnostic. */
export function loadModules(
  options: Pick<Loader, "fileSystem" | "parse" | "report"> & {
    readonly path: string;
    readonly allowOutside?: boolean;
  },
): { root: ModuleSymbols; modules: readonly ModuleSymbols[] } {
  const { allowOutside = false } = options;
  const loader: Loader = {
    ...options,
    allowOutside,
    loaded: new Map(),
    order: [],
    trail: [],
    packages: new Set(),
  };
  const home = projectRoot(options.fileSystem, options.path, options.report);
  const text = options.fileSystem.read(options.path);
  const file: SourceFile = { path: options.path, text: text ?? "" };
  if (text === undefined) options.report(moduleNotFound({ file, start: 0, end: 0 }, { path: options.path }));
  const about = { title: options.path, library: false, root: true, home };
  const root = loadFile(loader, options.path, file, about);
  return { root, modules: loader.order };
}

function loadFile(
  loader: Loader,
  path: string,
  file: SourceFile,
  about: Pick<ModuleSymbols, "title" | "library" | "root" | "home">,
): ModuleSymbols {
  loader.loaded.set(path, "open");
  loader.trail.push(path);
  const { module, diagnostics } = loader.parse(file);
  for (const diagnostic of diagnostics) loader.report(diagnostic);
  const uses: ModuleUse[] = [];
  const symbols: ModuleSymbols = {
    module,
    // The parser may know the file already.
    file: module.file,
    ...about,
    values: new Map(),
    labels: new Map(),
    objects: [],
    objectsByName: new Map(),
    importedObjects: new Map(),
    assertions: [],
    policies: [],
    scenarios: [],
    extensions: [],
    profiles: new Map(),
    uses,
    missing: new Set(),
    importedNames: new Map(),
  };
  for (const member of module.members) {
    if (member.kind !== "use") continue;
    const used = follow(loader, symbols, path, member);
    if (used) uses.push({ use: member, module: used });
    else for (const name of namesOf(member)) symbols.missing.add(name);
  }
  loader.trail.pop();
  loader.loaded.set(path, symbols);
  loader.order.push(symbols);
  return symbols;
}

function follow(
  loader: Loader,
  user: ModuleSymbols,
  from: string,
  use: UseDeclaration,
): ModuleSymbols | undefined {
  const at = span(user, use.pathRange);
  if (use.path === "") return undefined;
  const found = locate(loader, user, from, use, at);
  if (!found) return undefined;
  const { path, text, home } = found;
  const known = loader.loaded.get(path);
  if (known === "open") {
    const chain = [...loader.trail.slice(loader.trail.indexOf(path)), path];
    loader.report(moduleCycle(at, { chain }));
    return undefined;
  }
  const title = use.library ? use.path : path;
  const about = { title, library: use.library, root: false, home };
  const module = known ?? loadFile(loader, path, { path: title, text }, about);
  if (use.with) setParameters(loader, module, use, user);
  return module;
}

const oneProject = {
  title: 'a `kdsl.json` with `{ "edition": "2026" }` in the directory that holds both makes them one project',
  edits: [],
};

/** The file that a `use` names, and what it may use in its turn; undefined after a report. */
function locate(
  loader: Loader,
  user: ModuleSymbols,
  from: string,
  use: UseDeclaration,
  at: Span,
): { readonly path: string; readonly text: string; readonly home: string } | undefined {
  const { fileSystem, report, allowOutside } = loader;
  if (use.library) {
    const text = ownText(use.path);
    if (text === undefined) report(noLibrary(at, use));
    return text === undefined ? undefined : { path: use.path, text, home: "" };
  }
  if (ownText(use.path) !== undefined) {
    const title = "modules of the library stand without quotes";
    report(
      moduleNotFound(
        at,
        { path: use.path },
        { fixes: [{ title, edits: [{ span: at, text: use.path }], safe: true }] },
      ),
    );
    return undefined;
  }
  const name = packageOf(use.path);
  if (name !== undefined) {
    const found = findInPackages(fileSystem, from, use.path);
    if (found.kind === "module") {
      checkPackage(loader, found.home);
      return found;
    }
    const beside = fileSystem.read(fileSystem.resolve(from, `${use.path}.kdsl`)) !== undefined;
    const text = JSON.stringify(`./${use.path}.kdsl`);
    const fixes = beside
      ? [{ title: `did you mean \`${text}\`?`, edits: [{ span: at, text }] }]
      : [{ title: `put it there: \`npm install ${name}\``, edits: [] }];
    report(
      found.kind === "no-package"
        ? noPackage(at, { name }, { fixes })
        : noPackageModule(at, { name, path: found.path }),
    );
    return undefined;
  }
  const path = fileSystem.resolve(from, use.path);
  if (!allowOutside && !fileSystem.contains(user.home, path)) {
    report(outsideProject(at, { path: use.path, home: user.home }, { fixes: [oneProject] }));
    return undefined;
  }
  const text = fileSystem.module?.(path) ?? fileSystem.read(path);
  if (text === undefined)
    report(moduleNotFound(at, { path: use.path }, { fixes: asPackage(loader, from, use, at) }));
  return text === undefined ? undefined : { path, text, home: user.home };
}

/** The way out for a module of a package that was named with its ending. */
function asPackage({ fileSystem }: Loader, from: string, { path }: UseDeclaration, at: Span): Fix[] {
  const wanted = path.replace(/\.kdsl$/, "");
  if (packageOf(wanted) === undefined || findInPackages(fileSystem, from, wanted).kind !== "module")
    return [];
  const text = JSON.stringify(wanted);
  return [
    {
      title: `modules of packages stand without their ending: ${text}`,
      edits: [{ span: at, text }],
      safe: true,
    },
  ];
}

/** A package may be written in an edition that is not known here. */
function checkPackage({ fileSystem, report, packages }: Loader, home: string): void {
  if (packages.has(home)) return;
  packages.add(home);
  checkProjectIn(fileSystem, home, report);
}

const namesOf = ({ alias, names }: UseDeclaration): readonly string[] => [
  ...(alias ? [alias.text] : []),
  ...names.map((one) => (one.alias ?? one.name).text),
];

function setParameters(
  loader: Loader,
  module: ModuleSymbols,
  use: UseDeclaration,
  user: ModuleSymbols,
): void {
  const before = module.parameters;
  if (!before) {
    module.parameters = { use, user };
    return;
  }
  const first = { span: span(before.user, before.use.with!), text: "set here already" };
  loader.report(moduleSetTwice(span(user, use.with!), { path: use.path }, { secondary: [first] }));
}

const ownText = (path: string): string | undefined =>
  Object.hasOwn(library, path) ? library[path] : undefined;

function noLibrary(at: Diagnostic["primary"]["span"], use: UseDeclaration): Diagnostic {
  const meant = nearest(use.path, Object.keys(library));
  const fixes = meant ? [{ title: `did you mean \`${meant}\`?`, edits: [{ span: at, text: meant }] }] : [];
  return unknownLibrary(
    at,
    { path: use.path },
    { fixes, notes: [`it has ${Object.keys(library).join(", ")}`] },
  );
}
