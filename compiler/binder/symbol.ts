import type { SourceFile, Span, Via } from "../source/source.ts";
import type {
  AssertMember,
  Declaration,
  ExtendDeclaration,
  ForMember,
  FunctionDeclaration,
  IfMember,
  LabelDeclaration,
  LetDeclaration,
  Member,
  Module,
  Name,
  ParamDeclaration,
  PolicyDeclaration,
  ScenarioDeclaration,
  TemplateDeclaration,
  TypeDeclaration,
  UseDeclaration,
} from "../syntax/ast.ts";

/** What a name can stand for. Symbols are made once and compared by identity. */

export type ValueSymbol =
  | ParamSymbol
  | LetSymbol
  | FunctionSymbol
  | TypeSymbol
  | TemplateSymbol
  | { readonly kind: "module"; readonly name: string; readonly module: ModuleSymbols; readonly span: Span };

export interface ParamSymbol {
  readonly kind: "param";
  readonly name: string;
  readonly module: ModuleSymbols;
  readonly span: Span;
  readonly declaration: ParamDeclaration;
}

/** A `let` at the top of a module. Those inside of blocks are local variables, known to scopes only. */
export interface LetSymbol {
  readonly kind: "let";
  readonly name: string;
  readonly module: ModuleSymbols;
  readonly span: Span;
  readonly declaration: LetDeclaration;
}

export interface FunctionSymbol {
  readonly kind: "function";
  readonly name: string;
  readonly module: ModuleSymbols;
  readonly span: Span;
  readonly declaration: FunctionDeclaration;
}

export interface TypeSymbol {
  readonly kind: "type";
  readonly name: string;
  readonly module: ModuleSymbols;
  readonly span: Span;
  readonly declaration: TypeDeclaration;
}

export interface TemplateSymbol {
  readonly kind: "template";
  readonly name: string;
  readonly module: ModuleSymbols;
  readonly span: Span;
  readonly declaration: TemplateDeclaration;
  /** What the body declares; it sees the names of its module too. */
  readonly body: ModuleSymbols;
}

export interface LabelSymbol {
  readonly kind: "label";
  readonly name: string;
  /** As it stands in Kubernetes. */
  readonly key: string;
  readonly module: ModuleSymbols;
  readonly span: Span;
  readonly declaration: LabelDeclaration;
}

/** What stands around a declaration, from the outside inwards, and decides whether and how often it exists. */
export type Enclosure =
  | { readonly kind: "if"; readonly member: IfMember; readonly branch: "then" | "otherwise" }
  | { readonly kind: "for"; readonly member: ForMember }
  | { readonly kind: "namespace"; readonly declaration: Declaration }
  | { readonly kind: "profile"; readonly declaration: Declaration }
  /** Steps around an `update`. */
  | { readonly kind: "steps"; readonly body: readonly Member[] };

/** One place where an object is declared. Branches of an `if` may declare one object at several places. */
export interface Site {
  readonly declaration: Declaration;
  readonly enclosures: readonly Enclosure[];
  readonly span: Span;
}

export interface ObjectSymbol {
  readonly kind: "object";
  /** As written: `rc`, `service`, `WebApp`. */
  readonly word: string;
  /** The Kubernetes kind; "" for a use of a template. */
  readonly objectKind: string;
  /** Set where the declaration is a use of a template. */
  readonly template?: TemplateSymbol;
  /** The name by which the file refers to it. */
  readonly name: string;
  /** The namespace that it is declared in; undefined at the top of a file. */
  readonly namespace: string | undefined;
  readonly module: ModuleSymbols;
  readonly sites: Site[];
}

export interface Assertion {
  readonly member: AssertMember;
  readonly enclosures: readonly Enclosure[];
}

export interface Scenario {
  readonly member: ScenarioDeclaration;
  readonly enclosures: readonly Enclosure[];
}

/** One `extend`, or one `update` of a scenario, and what stands around it. */
export interface Extension {
  readonly member: Pick<ExtendDeclaration, "word" | "path" | "body" | "start" | "end">;
  readonly enclosures: readonly Enclosure[];
}

/** A set of parameter values and overrides that is chosen as a whole. */
export interface ProfileSymbol {
  readonly name: string;
  readonly module: ModuleSymbols;
  readonly span: Span;
  readonly declaration: Declaration;
  readonly extensions: Extension[];
  readonly assertions: Assertion[];
}

/** All that one file declares. */
export interface ModuleSymbols {
  readonly module: Module;
  readonly file: SourceFile;
  /** As `use` wrote it, or the path of the first file. */
  readonly title: string;
  readonly library: boolean;
  /** The directory that the files it reads have to lie in: of the project, or of the package that it belongs to. */
  readonly home: string;
  /** The file that compilation began with. */
  readonly root: boolean;
  readonly values: Map<string, ValueSymbol>;
  /** By the name that the file refers to them with. */
  readonly labels: Map<string, LabelSymbol>;
  /** In the order of declaration. */
  readonly objects: ObjectSymbol[];
  readonly objectsByName: Map<string, ObjectSymbol[]>;
  /** Objects of other modules under the name that `use` gives them here. */
  readonly importedObjects: Map<string, ObjectSymbol[]>;
  readonly assertions: Assertion[];
  readonly policies: PolicyDeclaration[];
  readonly scenarios: Scenario[];
  readonly extensions: Extension[];
  readonly profiles: Map<string, ProfileSymbol>;
  readonly uses: ModuleUse[];
  /** Names that a `use` was to bring in and could not: reported already, and silent where they are read. */
  readonly missing: Set<string>;
  cluster?: Declaration;
  /** For the body of a template: the template, and the module that it stands in. */
  readonly template?: TemplateSymbol;
  readonly around?: ModuleSymbols;
  /** For the body of a template while it is evaluated: the use that it is evaluated for. */
  readonly via?: Via;
  /** The `with { … }` of the one user that sets this module's parameters. */
  parameters?: { readonly use: UseDeclaration; readonly user: ModuleSymbols };
  /** Names that `use` brings in, where they are written, for the warning about unused ones. */
  readonly importedNames: Map<string, { readonly name: Name; readonly used: { value: boolean } }>;
}

export interface ModuleUse {
  readonly use: UseDeclaration;
  readonly module: ModuleSymbols;
}

export interface BoundProgram {
  readonly root: ModuleSymbols;
  /** A module comes after those that it uses. */
  readonly modules: readonly ModuleSymbols[];
}

export function span(
  module: { readonly file: SourceFile; readonly via?: Via },
  range: { start: number; end: number },
): Span {
  const { file, via } = module;
  return via
    ? { file, start: range.start, end: range.end, via }
    : { file, start: range.start, end: range.end };
}

/** The members that an enclosure holds. */
export function enclosedMembers(enclosure: Enclosure): readonly Member[] {
  switch (enclosure.kind) {
    case "if":
      return enclosure.branch === "then" ? enclosure.member.then : (enclosure.member.otherwise ?? []);
    case "for":
      return enclosure.member.body;
    case "namespace":
    case "profile":
      return enclosure.declaration.body ?? [];
    case "steps":
      return enclosure.body;
  }
}
