import type { Token } from "./tokens.ts";

/**
 * What the parser builds a tree with. The parser knows when to call what; what a node is, the builder alone knows.
 * Every offset is one of UTF-16 code units into the whole text.
 */
export interface Builder<Member, Expression, Type> {
  use(first: Token, use: UseParts<Expression>, end: number): Member;
  param(first: Token, parameter: Parameter<Expression, Type>, end: number): Member;
  let(first: Token, name: Token, type: Type | undefined, value: Expression, end: number): Member;
  function(
    first: Token,
    name: Token,
    parameters: readonly Parameter<Expression, Type>[],
    result: Type | undefined,
    value: Expression,
    end: number,
  ): Member;
  type(first: Token, name: Token, type: Type, end: number): Member;
  label(first: Token, key: Token, alias: Token | undefined, type: Type | undefined, end: number): Member;
  template(
    first: Token,
    name: Token,
    parameters: readonly Parameter<Expression, Type>[],
    body: Block<Member>,
    end: number,
  ): Member;
  declaration(declaration: DeclarationParts<Member, Expression>, end: number): Member;
  extend(first: Token, word: Token, path: Expression, body: Block<Member>): Member;
  /** `name` is a word, a string or a figure. */
  drop(first: Token, word: Token, name: Token): Member;
  field(key: Token, value: Expression, end: number): Member;
  spread(first: Token, value: Expression, end: number): Member;
  mount(
    first: Token,
    volume: Expression,
    path: Expression,
    readonly: boolean,
    body: Block<Member> | undefined,
    end: number,
  ): Member;
  /** `require` and `assert`. */
  check(first: Token, condition: Expression, message: Expression | undefined, end: number): Member;
  policy(
    first: Token,
    title: Token,
    word: Token,
    variable: Token,
    where: Expression | undefined,
    body: Block<Member>,
  ): Member;
  ifMember(
    first: Token,
    condition: Expression,
    then: Block<Member>,
    otherwise: Block<Member> | Member | undefined,
    end: number,
  ): Member;
  forMember(first: Token, clause: ForClause<Expression>, body: Block<Member>): Member;
  scenario(first: Token, title: Token, body: Block<Member>): Member;
  /** A step of a scenario that is a sentence. `first` is its word, or the first of `at most`. */
  step(first: Token, step: StepParts<Expression>, end: number): Member;
  update(first: Token, word: Token, path: Expression, body: Block<Member>): Member;
  apply(first: Token, body: Block<Member>): Member;
  /** `for each x in xs`; with `count`, `for any 2 x in xs`. */
  fork(
    first: Token,
    count: Expression | undefined,
    variable: Token,
    over: Expression,
    body: Block<Member>,
  ): Member;
  repeat(first: Token, count: Expression, variable: Token | undefined, body: Block<Member>): Member;
  chaos(
    first: Token,
    clauses: readonly Clause<Expression>[],
    faults: readonly ChaosFault<Expression>[],
    end: number,
  ): Member;

  literal(token: Token): Expression;
  reference(token: Token): Expression;
  has(first: Token, key: Token): Expression;
  parenthesised(inner: Expression, start: number, end: number): Expression;
  unary(operator: Token, operand: Expression): Expression;
  binary(operator: Token, left: Expression, right: Expression): Expression;
  where(subject: Expression, predicate: Expression): Expression;
  member(object: Expression, name: Token): Expression;
  index(object: Expression, indices: readonly Expression[], end: number): Expression;
  call(callee: Expression, args: readonly Argument<Expression>[], end: number): Expression;
  conditional(first: Token, condition: Expression, then: Expression, otherwise: Expression): Expression;
  match(first: Token, subject: Expression, arms: readonly Arm<Expression>[], end: number): Expression;
  list(
    first: Token,
    items: readonly Item<Expression>[],
    comprehension: ForClause<Expression> | undefined,
    end: number,
  ): Expression;
  record(block: Block<Member>): Expression;
  /** Stands where an expression could not be read. */
  missing(at: number): Expression;

  namedType(path: readonly Token[], argument: Expression | undefined, end: number): Type;
  literalType(value: Expression): Type;
  unionType(options: readonly Type[]): Type;
  listType(first: Token, element: Type, end: number): Type;
  recordType(first: Token, fields: readonly TypeField<Type>[], values: Type | undefined, end: number): Type;
  optionalType(type: Type, end: number): Type;
  refinedType(type: Type, predicate: Expression): Type;
  missingType(at: number): Type;
}

export interface Block<Member> {
  readonly members: readonly Member[];
  /** From the opening brace to after the closing one. */
  readonly start: number;
  readonly end: number;
}

export interface UseParts<Expression> {
  /** The words of `std/probe`, or one string. */
  readonly path: readonly Token[];
  readonly names: readonly { readonly name: Token; readonly alias?: Token }[];
  readonly alias?: Token;
  readonly with?: Expression;
}

export interface Parameter<Expression, Type> {
  readonly name: Token;
  readonly type?: Type;
  readonly value?: Expression;
  readonly end: number;
}

export interface DeclarationParts<Member, Expression> {
  /** The module before a template's name: `web.WebApp`. */
  readonly qualifier?: Token;
  readonly word: Token;
  /** The `external` before it. */
  readonly external?: Token;
  /** A word, or a string with perhaps an alias. */
  readonly name?: Token;
  readonly alias?: Token;
  readonly family?: readonly FamilyPart<Expression>[];
  readonly value?: Expression;
  readonly target?: Expression;
  readonly body?: Block<Member>;
}

export interface FamilyPart<Expression> {
  readonly variable: Token;
  readonly over: Expression;
  readonly end: number;
}

/** What a step is about: `after operand: condition`, `at most operand condition`, else one value or none. */
export interface StepParts<Expression> {
  readonly operand: Expression | undefined;
  readonly condition: Expression | undefined;
  readonly clauses: readonly Clause<Expression>[];
}

/** `within 5min`, `from nodes` */
export interface Clause<Expression> {
  readonly word: Token;
  readonly value: Expression;
  readonly end: number;
}

/** `kill: 1 per 10min` */
export interface ChaosFault<Expression> {
  readonly key: Token;
  readonly count: Expression;
  readonly clauses: readonly Clause<Expression>[];
  readonly end: number;
}

export interface ForClause<Expression> {
  readonly variables: readonly Token[];
  readonly over: Expression;
  readonly condition?: Expression;
}

export interface Argument<Expression> {
  readonly name?: Token;
  readonly value: Expression;
  readonly start: number;
  readonly end: number;
}

export interface Arm<Expression> {
  readonly pattern: Expression;
  readonly value: Expression;
  readonly start: number;
  readonly end: number;
}

export interface Item<Expression> {
  readonly spread: boolean;
  readonly value: Expression;
}

export interface TypeField<Type> {
  readonly name: Token;
  readonly optional: boolean;
  readonly type: Type;
}
