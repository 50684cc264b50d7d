import type {
  BoundProgram,
  Enclosure,
  FunctionSymbol,
  LabelSymbol,
  LetSymbol,
  ModuleSymbols,
  ObjectSymbol,
  ParamSymbol,
  TemplateSymbol,
  TypeSymbol,
  ValueSymbol,
} from "../binder/symbol.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Expression, FamilyVariable, Member, Name, TypeNode } from "../syntax/ast.ts";
import type { BlockSchema, Type, VariantSchema } from "../types/type.ts";

/** Stands among names that are missing where one of them cannot be told. */
export const anyName = "*";

/** What an expression was found to mean. Expressions without an entry mean what they say. */
export type Resolution =
  /** A loop variable, a parameter of a function, `it`, or a `let` inside a block. */
  | { readonly kind: "local"; readonly name: string }
  | { readonly kind: "value"; readonly symbol: ParamSymbol | LetSymbol }
  /** A declared object; a family unless the place lies in the same `for`. */
  | { readonly kind: "object"; readonly symbol: ObjectSymbol }
  /** `x.server`, where a template made `x`; with `member`, `x.host`: a member of what it names `self`. */
  | {
      readonly kind: "part";
      readonly symbol: ObjectSymbol;
      readonly member?: string;
      /** The uses named `self` that lead to it, where that is a use of another template. */
      readonly through?: readonly ObjectSymbol[];
    }
  /** `self.name` in a template: the name, or the namespace, of the use. */
  | { readonly kind: "use"; readonly member: "name" | "namespace" }
  /** `worker-a`: a member of a family by its whole name. */
  | { readonly kind: "familyMember"; readonly symbol: ObjectSymbol; readonly name: string }
  /** `nodes`: all objects of a kind. */
  | { readonly kind: "plural"; readonly word: string }
  | { readonly kind: "portName"; readonly name: string }
  | { readonly kind: "podMember"; readonly word: "volume" | "container"; readonly name: string }
  | { readonly kind: "variant"; readonly name: string; readonly schema: VariantSchema }
  /** `pod.ip`: Kubernetes' `fieldRef`. */
  | { readonly kind: "lateField"; readonly path: string }
  /** `container.limits.memory`: Kubernetes' `resourceFieldRef`. */
  | { readonly kind: "lateResource"; readonly container?: string; readonly resource: string }
  | { readonly kind: "text"; readonly text: string }
  /** In a scenario: `time`, `pending`. */
  | { readonly kind: "observed"; readonly name: string }
  /** In a scenario: `nodes`, `pods where …`, all there are at a moment. */
  | { readonly kind: "all"; readonly word: string }
  /** In a scenario: `web.server`, the containers of this name. */
  | { readonly kind: "containers"; readonly name: string }
  /** In a scenario: `node.labels.zone`; `key` as it is written. */
  | { readonly kind: "label"; readonly key: string }
  /** In a scenario: the `labels` of `node.labels["zone"]`. */
  | { readonly kind: "labels" }
  | {
      readonly kind: "call";
      readonly target: CallTarget;
      readonly arguments: ReadonlyMap<string, readonly Expression[]>;
    };

export type CallTarget =
  | { readonly kind: "function"; readonly symbol: FunctionSymbol }
  | { readonly kind: "intrinsic"; readonly name: string }
  /** `ready(web)` in a scenario. */
  | { readonly kind: "observation"; readonly name: string }
  | { readonly kind: "variant"; readonly name: string; readonly schema: VariantSchema };

export interface Signature {
  readonly parameters: readonly {
    readonly name: string;
    readonly type: Type;
    readonly value: Expression | undefined;
  }[];
  readonly result: Type;
}

/** The predicate of `T where it …`, as a refined type carries it. */
export interface Predicate {
  readonly expression: Expression;
  readonly module: ModuleSymbols;
}

/** All that checking concluded. */
export interface Checked {
  readonly program: BoundProgram;
  readonly schemas: Readonly<Record<string, BlockSchema>>;
  readonly resolutions: ReadonlyMap<Expression, Resolution>;
  /** Expressions about which a mistake was reported. */
  readonly erroneous: ReadonlySet<Expression>;
  /** Number literals that stand where a Cpu is expected. */
  readonly cpuLiterals: ReadonlySet<Expression>;
  /** Of `let`s and `param`s. */
  readonly valueTypes: ReadonlyMap<ValueSymbol, Type>;
  readonly signatures: ReadonlyMap<FunctionSymbol, Signature>;
  readonly labelTypes: ReadonlyMap<LabelSymbol, Type>;
  /** What `type` declarations name; "open" while it is being found. */
  readonly aliases: ReadonlyMap<TypeSymbol, Type | "open">;
  /** A template's parameters as the fields of the block that uses it. */
  readonly templates: ReadonlyMap<TemplateSymbol, BlockSchema>;
  /** Declared types of local `let`s and parameters. */
  readonly typeNodes: ReadonlyMap<TypeNode, Type>;
  /** Symbols that are defined by themselves. */
  readonly cyclic: ReadonlySet<ValueSymbol>;
}

/** The working state of checking: `Checked` while it grows. */
export interface Checker {
  readonly program: BoundProgram;
  readonly schemas: Readonly<Record<string, BlockSchema>>;
  report: (diagnostic: Diagnostic) => void;
  readonly resolutions: Map<Expression, Resolution>;
  readonly erroneous: Set<Expression>;
  readonly cpuLiterals: Set<Expression>;
  readonly valueTypes: Map<ValueSymbol, Type>;
  readonly signatures: Map<FunctionSymbol, Signature>;
  readonly labelTypes: Map<LabelSymbol, Type>;
  readonly templates: Map<TemplateSymbol, BlockSchema>;
  readonly typeNodes: Map<TypeNode, Type>;
  readonly aliases: Map<TypeSymbol, Type | "open">;
  readonly cyclic: Set<ValueSymbol>;
  /** Symbols whose type is being found. */
  readonly open: Set<ValueSymbol>;
  /** Which top-level value reads which, and where. */
  readonly dependencies: Map<ValueSymbol, Map<ValueSymbol, Expression>>;
  readonly used: Set<ValueSymbol>;
  readonly usedLabels: Set<LabelSymbol>;
  /** The top-level value whose definition is being checked. */
  current: ValueSymbol | undefined;
  depth: number;
  /** Where it is noted what each expression is asked for, while somebody wants to know (alike.ts). */
  asked: Map<Expression, Asked | "several"> | undefined;
}

/** What a position expects of an expression, and what can be seen from there. */
export interface Asked {
  readonly expected: Type | undefined;
  readonly scope: Scope;
}

/** What the pod around a place has, by name. */
export interface PodAround {
  readonly volumes: ReadonlySet<string>;
  readonly containers: ReadonlySet<string>;
  /** Those of them that stand in a `for`, and so are several: `cache-a`, `cache-b`. */
  readonly repeated: ReadonlySet<string>;
}

export interface Local {
  readonly name: Name | undefined;
  readonly type: Type;
  used: boolean;
  /** In a scenario: what it holds is known only in a run. */
  live?: true;
}

/** Names of a place with what they stand for. Most places have none. */
export class Locals {
  private table: Map<string, Local> | undefined = undefined;

  get(name: string): Local | undefined {
    return this.table?.get(name);
  }

  set(name: string, local: Local): void {
    (this.table ??= new Map()).set(name, local);
  }

  names(): Iterable<string> {
    return this.table?.keys() ?? [];
  }
}

/** What can be seen from a place. */
export interface Scope {
  readonly parent: Scope | undefined;
  readonly locals: Locals;
  readonly module: ModuleSymbols;
  readonly namespace: string | undefined;
  readonly place: readonly Enclosure[];
  readonly pod: PodAround | undefined;
  /** The name of the container around. */
  readonly container: string | undefined;
  /** Set where values from outside may stand: in a secret or in a config. */
  readonly data: "secret" | "config" | undefined;
  /** What is known not to be `none` here (`presence.ts`). */
  readonly present?: ReadonlySet<object>;
  /** In a policy: what may be `none` may be asked further, and gives `none`. */
  readonly policy?: boolean;
  /** Among the steps of a scenario: worked out in a run, or before it (with what that is, for messages). */
  readonly scenario?: "run" | { readonly compiled: string };
  /** Set in an `extend`: what the block that is extended has already, as far as that is known. */
  readonly overrides?: { readonly members: readonly Member[] | undefined };
}

export function moduleScope(module: ModuleSymbols): Scope {
  return {
    parent: undefined,
    locals: new Locals(),
    module,
    namespace: undefined,
    place: [],
    pod: undefined,
    container: undefined,
    data: undefined,
  };
}

/** A scope inside another one, with names of its own. */
export function innerScope(parent: Scope, changes: Partial<Scope> = {}): Scope {
  const { module, namespace, place, pod, container, data, policy, overrides, scenario } = parent;
  const inner: { -readonly [Key in keyof Scope]: Scope[Key] } = {
    parent,
    locals: new Locals(),
    module,
    namespace,
    place,
    pod,
    container,
    data,
  };
  if (policy !== undefined) inner.policy = policy;
  if (overrides !== undefined) inner.overrides = overrides;
  if (scenario !== undefined) inner.scenario = scenario;
  return Object.assign(inner, changes);
}

export function findLocal(scope: Scope | undefined, name: string): Local | undefined {
  for (let at = scope; at; at = at.parent) {
    const local = at.locals.get(name);
    if (local) return local;
  }
  return undefined;
}

export type FamilyVariables = readonly FamilyVariable[];
