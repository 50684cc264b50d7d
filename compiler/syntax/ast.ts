import type { Range, SourceFile } from "../source/source.ts";
import type {
  ApplyStep,
  ChaosStep,
  ForkStep,
  RepeatStep,
  ScenarioDeclaration,
  Step,
  UpdateStep,
} from "./steps.ts";

export type * from "./steps.ts";

/**
 * The syntax tree. It holds what was written and nothing that was concluded from it: no symbols, no types.
 * The parser recovers from mistakes and always gives a tree; a place that could not be read is a `missing`
 * expression or name, for which an error has been reported already, so that later phases stay silent there.
 */
export interface NodeBase extends Range {}

export interface Module extends NodeBase {
  readonly kind: "module";
  readonly file: SourceFile;
  readonly members: readonly Member[];
}

/** A name as written. `text` is "" when the parser had to invent it. */
export interface Name extends NodeBase {
  readonly kind: "name";
  readonly text: string;
}

// ── Members: what stands at the top of a file and inside blocks ────────────────────────────────────────────

export type Member =
  | UseDeclaration
  | ParamDeclaration
  | LetDeclaration
  | FunctionDeclaration
  | TypeDeclaration
  | LabelDeclaration
  | TemplateDeclaration
  | Declaration
  | ExtendDeclaration
  | DropMember
  | Field
  | SpreadMember
  | MountMember
  | RequireMember
  | AssertMember
  | PolicyDeclaration
  | IfMember
  | ForMember
  | ScenarioDeclaration
  | Step
  | UpdateStep
  | ApplyStep
  | ForkStep
  | RepeatStep
  | ChaosStep;

/** `use std/probe { http, tcp }` · `use "./f.kdsl" as f with { p: e }` */
export interface UseDeclaration extends NodeBase {
  readonly kind: "use";
  /** "std/probe" for library modules, else the string's text. */
  readonly path: string;
  readonly pathRange: Range;
  readonly library: boolean;
  readonly names: readonly { readonly name: Name; readonly alias?: Name }[];
  readonly alias?: Name;
  readonly with?: RecordExpression;
}

/** `param n: T = e`; `help` is the text of the `///` lines above it. */
export interface ParamDeclaration extends NodeBase {
  readonly kind: "param";
  readonly name: Name;
  readonly type?: TypeNode;
  readonly value?: Expression;
  readonly help?: string;
}

export interface LetDeclaration extends NodeBase {
  readonly kind: "let";
  readonly name: Name;
  readonly type?: TypeNode;
  readonly value: Expression;
  readonly help?: string;
}

export interface Parameter extends NodeBase {
  readonly name: Name;
  readonly type?: TypeNode;
  readonly value?: Expression;
  /** For a parameter of a template: the text of the `///` lines above it. */
  readonly help?: string;
}

/** `fn f(a: T, b: T = e): T = e` */
export interface FunctionDeclaration extends NodeBase {
  readonly kind: "function";
  readonly name: Name;
  readonly parameters: readonly Parameter[];
  readonly result?: TypeNode;
  readonly value: Expression;
  readonly help?: string;
}

/** `type N = T` */
export interface TypeDeclaration extends NodeBase {
  readonly kind: "type";
  readonly name: Name;
  readonly type: TypeNode;
  readonly help?: string;
}

/** `label tier: "web" | "data"` · `label "a.b/c" as c` */
export interface LabelDeclaration extends NodeBase {
  readonly kind: "label";
  /** The key as it stands in Kubernetes. */
  readonly key: string;
  readonly keyRange: Range;
  /** The name by which the file refers to it. */
  readonly name: Name;
  readonly type?: TypeNode;
  readonly help?: string;
}

/** `template N(p: T, …) { … }` */
export interface TemplateDeclaration extends NodeBase {
  readonly kind: "template";
  readonly name: Name;
  readonly parameters: readonly Parameter[];
  readonly body: readonly Member[];
  readonly help?: string;
}

/**
 * The one shape of everything that declares: `Word [name | "string" as name] [family] [: value [-> target]] [block]`.
 *
 * `node w[i in 1..3] { … }` · `rc web { … }` · `pod { … }` (in an rc) · `container server { … }` · `local { … }` ·
 * `port http: 8080` · `port 8080` (a value and no name) · `port http: 80 -> http` · `volume cache: emptyDir(64Mi)` ·
 * `WebApp admin { … }` · `web.WebApp admin { … }` · `cluster { … }` · `namespace n { … }` · `profile prod { … }` · `manifest { … }`.
 */
export interface Declaration extends NodeBase {
  readonly kind: "declaration";
  /** `external service billing { … }`: it lives outside of this program. */
  readonly external?: true;
  readonly word: Name;
  /** `web` of `web.WebApp shop { … }`: the module whose template it is. */
  readonly qualifier?: Name;
  /** The object's name as it stands in Kubernetes (a string name may be one that is no KDSL name). */
  readonly objectName?: string;
  /** In place of `objectName`: the name of a namespace that values make, `namespace "shop-{stage}" as shop`. */
  readonly computedName?: StringExpression;
  /** The name by which the file refers to it: the same, or the alias of a string name. */
  readonly name?: Name;
  readonly family?: readonly FamilyVariable[];
  readonly value?: Expression;
  readonly target?: Expression;
  readonly body?: readonly Member[];
  readonly bodyRange?: Range;
  readonly help?: string;
}

/** One `i in 1..3` of a family. */
export interface FamilyVariable extends NodeBase {
  readonly variable: Name;
  readonly over: Expression;
}

/** `extend rc x { … }` */
export interface ExtendDeclaration extends NodeBase {
  readonly kind: "extend";
  readonly word: Name;
  readonly path: Expression;
  readonly body: readonly Member[];
}

/** `drop container log` · `drop port 8080` · `drop mount "/var/cache"` */
export interface DropMember extends NodeBase {
  readonly kind: "drop";
  readonly word: Name;
  readonly name: Name | StringExpression | NumberExpression;
}

/** `key: value`, with a name, a string (`"nginx.conf": …`) or a computed key (`"{k}": …`). */
export interface Field extends NodeBase {
  readonly kind: "field";
  readonly key: Name | StringExpression;
  readonly value: Expression;
}

/** `...e` in a block or record. */
export interface SpreadMember extends NodeBase {
  readonly kind: "spread";
  readonly value: Expression;
}

/** `mount cache at "/in" readonly { … }` */
export interface MountMember extends NodeBase {
  readonly kind: "mount";
  readonly volume: Expression;
  readonly path: Expression;
  readonly readonly: boolean;
  readonly body?: readonly Member[];
}

/** `require e else "…"` (in a policy) */
export interface RequireMember extends NodeBase {
  readonly kind: "require";
  readonly condition: Expression;
  readonly message?: Expression;
}

/** `assert e else "…"` */
export interface AssertMember extends NodeBase {
  readonly kind: "assert";
  readonly condition: Expression;
  readonly message?: Expression;
}

/** `policy "…" on KIND x [where e] { … }` */
export interface PolicyDeclaration extends NodeBase {
  readonly kind: "policy";
  readonly title: StringExpression;
  readonly word: Name;
  readonly variable: Name;
  readonly where?: Expression;
  readonly body: readonly Member[];
}

/** `if e { … } else { … }`; an `else if` is an `otherwise` that holds one `if` member. */
export interface IfMember extends NodeBase {
  readonly kind: "if";
  readonly condition: Expression;
  readonly then: readonly Member[];
  readonly otherwise?: readonly Member[];
}

/** `for x in xs { … }` · `for k, v in m if c { … }` */
export interface ForMember extends NodeBase {
  readonly kind: "for";
  readonly variables: readonly Name[];
  readonly over: Expression;
  readonly condition?: Expression;
  readonly body: readonly Member[];
}

// ── Expressions ────────────────────────────────────────────────────────────────────────────────────────────

export type Expression =
  | StringExpression
  | NumberExpression
  | QuantityExpression
  | AddressExpression
  | BooleanExpression
  | NoneExpression
  | NameExpression
  | MemberExpression
  | IndexExpression
  | CallExpression
  | UnaryExpression
  | BinaryExpression
  | IfExpression
  | MatchExpression
  | ListExpression
  | RecordExpression
  | SelectionExpression
  | WhereExpression
  | HasExpression
  | MissingExpression;

/** A string with its holes: `parts` alternates freely between text (escapes resolved) and expressions. */
export interface StringExpression extends NodeBase {
  readonly kind: "string";
  readonly parts: readonly (string | Expression)[];
}

/** `4`, `0.5`: exact, so the digits are kept as written (underscores removed). */
export interface NumberExpression extends NodeBase {
  readonly kind: "number";
  readonly digits: string;
}

/** `250m`, `64Mi`, `2s`, `25%`: `unit` has been checked to be one that the language knows. */
export interface QuantityExpression extends NodeBase {
  readonly kind: "quantity";
  readonly digits: string;
  readonly unit: string;
}

/** `10.0.0.1`, `10.0.0.0/16` */
export interface AddressExpression extends NodeBase {
  readonly kind: "address";
  readonly text: string;
  readonly cidr: boolean;
}

export interface BooleanExpression extends NodeBase {
  readonly kind: "boolean";
  readonly value: boolean;
}

export interface NoneExpression extends NodeBase {
  readonly kind: "none";
}

export interface NameExpression extends NodeBase {
  readonly kind: "reference";
  readonly name: string;
}

export interface MemberExpression extends NodeBase {
  readonly kind: "member";
  readonly object: Expression;
  readonly member: Name;
}

export interface IndexExpression extends NodeBase {
  readonly kind: "index";
  readonly object: Expression;
  readonly indices: readonly Expression[];
}

export interface Argument extends NodeBase {
  readonly name?: Name;
  readonly value: Expression;
}

export interface CallExpression extends NodeBase {
  readonly kind: "call";
  readonly callee: Expression;
  readonly arguments: readonly Argument[];
}

export interface UnaryExpression extends NodeBase {
  readonly kind: "unary";
  readonly operator: "not" | "-";
  readonly operand: Expression;
}

export type BinaryOperator =
  | "*"
  | "/"
  | "+"
  | "-"
  | ".."
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "in"
  | "not in"
  | "??"
  | "and"
  | "or";

export interface BinaryExpression extends NodeBase {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

/** `if c then a else b` */
export interface IfExpression extends NodeBase {
  readonly kind: "conditional";
  readonly condition: Expression;
  readonly then: Expression;
  readonly otherwise: Expression;
}

/** `match e { p => e … }`; a pattern is a literal, a range, `none` or `_` (undefined here). */
export interface MatchExpression extends NodeBase {
  readonly kind: "match";
  readonly subject: Expression;
  readonly arms: readonly {
    readonly pattern?: Expression;
    readonly value: Expression;
    readonly range: Range;
  }[];
}

/** `[a, ...b]` or, with `comprehension`, `[x for x in xs if c]` whose one item is the element. */
export interface ListExpression extends NodeBase {
  readonly kind: "list";
  readonly items: readonly { readonly spread: boolean; readonly value: Expression }[];
  readonly comprehension?: {
    readonly variables: readonly Name[];
    readonly over: Expression;
    readonly condition?: Expression;
  };
}

/** `{ a: 1, "b": 2, ...c, if x { … }, for k, v in m { … } }`: its members are fields, spreads, `if`s and `for`s. */
export interface RecordExpression extends NodeBase {
  readonly kind: "record";
  readonly members: readonly Member[];
}

/** A kind's plural as a selection: `pods where …`, `nodes where …` is a `where` over a plain reference `pods`. */
export interface SelectionExpression extends NodeBase {
  readonly kind: "selection";
  readonly of: "pods" | "nodes";
  readonly terms: Expression;
}

/** `e where predicate` in types and elsewhere than after `pods`/`nodes`. */
export interface WhereExpression extends NodeBase {
  readonly kind: "where";
  readonly subject: Expression;
  readonly predicate: Expression;
}

/** `has key` as a term of a selection. */
export interface HasExpression extends NodeBase {
  readonly kind: "has";
  readonly key: Name;
}

export interface MissingExpression extends NodeBase {
  readonly kind: "missing";
}

// ── Types ──────────────────────────────────────────────────────────────────────────────────────────────────

export type TypeNode =
  | NamedType
  | LiteralType
  | UnionType
  | ListType
  | RecordType
  | OptionalType
  | RefinedType
  | MissingType;

/** `Int`, `Int(1..50)`, `String(r"re")`, `f.Name` */
export interface NamedType extends NodeBase {
  readonly kind: "type-name";
  readonly path: readonly Name[];
  readonly argument?: Expression;
}

/** `"dev"`, `3` as a type */
export interface LiteralType extends NodeBase {
  readonly kind: "type-literal";
  readonly value: Expression;
}

export interface UnionType extends NodeBase {
  readonly kind: "type-union";
  readonly options: readonly TypeNode[];
}

export interface ListType extends NodeBase {
  readonly kind: "type-list";
  readonly element: TypeNode;
}

/** `{ key: T, other?: T }`, or `{[String]: T}` with `values`. */
export interface RecordType extends NodeBase {
  readonly kind: "type-record";
  readonly fields: readonly { readonly name: Name; readonly optional: boolean; readonly type: TypeNode }[];
  readonly values?: TypeNode;
}

/** `T?` */
export interface OptionalType extends NodeBase {
  readonly kind: "type-optional";
  readonly type: TypeNode;
}

/** `T where it …` */
export interface RefinedType extends NodeBase {
  readonly kind: "type-refined";
  readonly type: TypeNode;
  readonly predicate: Expression;
}

export interface MissingType extends NodeBase {
  readonly kind: "type-missing";
}
