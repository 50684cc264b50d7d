import type { Likeness } from "../../grammar/alike.ts";
import type {
  Arm,
  Block,
  Builder,
  DeclarationParts,
  Parameter as ParameterParts,
} from "../../grammar/builder.ts";
import { isName } from "../../grammar/characters.ts";
import type { Problem } from "../../grammar/problem.ts";
import type { Builders } from "../../grammar/read.ts";
import type { Hole, Token } from "../../grammar/tokens.ts";
import { declarationAlike, patternOf } from "./alike.ts";
import type * as Ast from "./ast.ts";
import { StepBuilder } from "./build-steps.ts";
import { clauseOf, hasHoles, isPattern, nameOf, parameterOf } from "./nodes.ts";

type Expression = Ast.Expression;
type TypeNode = Ast.TypeNode;
type Member = Ast.Member;
type Mutable<Parts> = { -readonly [Key in keyof Parts]: Parts[Key] };

/** Makes the nodes of the tree (ast.ts) as the parser asks for them. One for each text. */
export class TreeBuilder
  extends StepBuilder
  implements Builder<Member, Expression, TypeNode>, Builders<Member, Expression, TypeNode>
{
  readonly builder = this;
  /** What the shape of the tree shows to be wrong and the grammar does not. */
  readonly problems: Problem[] = [];
  #help: ReadonlyMap<number, string> = new Map();
  #holes: { hole: Hole; fill: (value: Expression) => void }[] = [];

  begin(): void {
    this.problems.length = 0;
    this.#holes = [];
  }

  help(help: ReadonlyMap<number, string>): void {
    this.#help = help;
  }

  likenessOf(text: string, member: Member): Likeness<Member> | undefined {
    const pattern = patternOf(text, member);
    return (
      pattern && {
        holes: pattern.tokens,
        again: (range, tokens) => declarationAlike(pattern, range, tokens, this.#holeOf),
      }
    );
  }

  readonly #holeOf = (token: Token): Expression =>
    token.literal === undefined ? this.reference(token) : this.literal(token);

  takeHoles(): { hole: Hole; fill: (value: Expression) => void }[] {
    const holes = this.#holes;
    this.#holes = [];
    return holes;
  }

  #helpBefore(first: Token): { help?: string } {
    const help = this.#help.size === 0 ? undefined : this.#help.get(first.startOffset);
    return help === undefined ? {} : { help };
  }

  /** What every declaration of a name begins with. */
  #named<Kind extends string>(kind: Kind, first: Token, name: Token, end: number) {
    return { kind, start: first.startOffset, end, name: nameOf(name), ...this.#helpBefore(first) };
  }

  // ── Members ──────────────────────────────────────────────────────────────────────────────────────────────

  use(first: Token, use: Parameters<Builder<Member, Expression, TypeNode>["use"]>[1], end: number): Member {
    const head = use.path[0]!;
    const last = use.path.at(-1)!;
    const library = head.literal?.kind !== "string";
    const record = use.with?.kind === "record" ? use.with : undefined;
    return {
      kind: "use",
      start: first.startOffset,
      end,
      path: library
        ? use.path.map((word) => word.image).join("/")
        : this.#plain(head, "the path of a module"),
      pathRange: { start: head.startOffset, end: last.end },
      library,
      names: use.names.map(({ name, alias }) =>
        alias === undefined ? { name: nameOf(name) } : { name: nameOf(name), alias: nameOf(alias) },
      ),
      ...(use.alias && { alias: nameOf(use.alias) }),
      ...(record && { with: record }),
    };
  }

  param(first: Token, parameter: ParameterParts<Expression, TypeNode>, end: number): Member {
    const { name, type, value } = parameter;
    return { ...this.#named("param", first, name, end), ...(type && { type }), ...(value && { value }) };
  }

  let(first: Token, name: Token, type: TypeNode | undefined, value: Expression, end: number): Member {
    return { ...this.#named("let", first, name, end), ...(type && { type }), value };
  }

  function(
    first: Token,
    name: Token,
    parameters: readonly ParameterParts<Expression, TypeNode>[],
    result: TypeNode | undefined,
    value: Expression,
    end: number,
  ): Member {
    return {
      kind: "function",
      start: first.startOffset,
      end,
      name: nameOf(name),
      parameters: parameters.map(parameterOf),
      ...(result && { result }),
      value,
      ...this.#helpBefore(first),
    };
  }

  type(first: Token, name: Token, type: TypeNode, end: number): Member {
    return { ...this.#named("type", first, name, end), type };
  }

  label(first: Token, key: Token, alias: Token | undefined, type: TypeNode | undefined, end: number): Member {
    return {
      kind: "label",
      start: first.startOffset,
      end,
      key: alias === undefined ? key.image : this.#plain(key, "a label key"),
      keyRange: { start: key.startOffset, end: key.end },
      name: nameOf(alias ?? key),
      ...(type && { type }),
      ...this.#helpBefore(first),
    };
  }

  template(
    first: Token,
    name: Token,
    parameters: readonly ParameterParts<Expression, TypeNode>[],
    body: Block<Member>,
    end: number,
  ): Member {
    return {
      kind: "template",
      start: first.startOffset,
      end,
      name: nameOf(name),
      parameters: parameters.map((parameter) => ({
        ...parameterOf(parameter),
        ...this.#helpBefore(parameter.name),
      })),
      body: body.members,
      ...this.#helpBefore(first),
    };
  }

  declaration(parts: DeclarationParts<Member, Expression>, end: number): Member {
    const { qualifier, word, external, name, alias, family, value, target, body } = parts;
    const first = qualifier ?? external ?? word;
    const computed = name !== undefined && word.image === "namespace" && hasHoles(name);
    const objectName = name === undefined || computed ? undefined : this.#plain(name, "an object's name");
    const named = alias ?? (objectName !== undefined && isName(objectName) ? name : undefined);
    // Set one by one: this is made once for every block, and to spread what is absent takes longer than all else.
    const made: Mutable<Ast.Declaration> = {
      kind: "declaration",
      start: first.startOffset,
      end,
      word: nameOf(word),
    };
    if (external !== undefined) made.external = true;
    if (qualifier !== undefined) made.qualifier = nameOf(qualifier);
    if (objectName !== undefined) made.objectName = objectName;
    if (computed) made.computedName = this.#string(name);
    if (named !== undefined)
      made.name = { ...nameOf(named), text: alias === undefined ? objectName! : alias.image };
    if (family !== undefined)
      made.family = family.map(({ variable, over, end: to }) => ({
        start: variable.startOffset,
        end: to,
        variable: nameOf(variable),
        over,
      }));
    if (value !== undefined) made.value = value;
    if (target !== undefined) made.target = target;
    if (body !== undefined) {
      made.body = body.members;
      made.bodyRange = { start: body.start, end: body.end };
    }
    const { help } = this.#helpBefore(first);
    if (help !== undefined) made.help = help;
    return made;
  }

  extend(first: Token, word: Token, path: Expression, body: Block<Member>): Member {
    return {
      kind: "extend",
      start: first.startOffset,
      end: body.end,
      word: nameOf(word),
      path,
      body: body.members,
    };
  }

  drop(first: Token, word: Token, name: Token): Member {
    const value = name.literal === undefined ? undefined : this.literal(name);
    const dropped = value?.kind === "string" || value?.kind === "number" ? value : nameOf(name);
    return { kind: "drop", start: first.startOffset, end: name.end, word: nameOf(word), name: dropped };
  }

  field(key: Token, value: Expression, end: number): Member {
    const written = key.literal?.kind === "string" ? this.#string(key) : nameOf(key);
    return { kind: "field", start: key.startOffset, end, key: written, value };
  }

  spread(first: Token, value: Expression, end: number): Member {
    return { kind: "spread", start: first.startOffset, end, value };
  }

  mount(
    first: Token,
    volume: Expression,
    path: Expression,
    readonly: boolean,
    body: Block<Member> | undefined,
    end: number,
  ): Member {
    const start = first.startOffset;
    return { kind: "mount", start, end, volume, path, readonly, ...(body && { body: body.members }) };
  }

  check(first: Token, condition: Expression, message: Expression | undefined, end: number): Member {
    const kind = first.image === "assert" ? "assert" : "require";
    return { kind, start: first.startOffset, end, condition, ...(message && { message }) };
  }

  policy(
    first: Token,
    title: Token,
    word: Token,
    variable: Token,
    where: Expression | undefined,
    body: Block<Member>,
  ): Member {
    return {
      kind: "policy",
      start: first.startOffset,
      end: body.end,
      title: this.#string(title),
      word: nameOf(word),
      variable: nameOf(variable),
      ...(where && { where }),
      body: body.members,
    };
  }

  forMember(
    first: Token,
    clause: Parameters<Builder<Member, Expression, TypeNode>["forMember"]>[1],
    body: Block<Member>,
  ): Member {
    return { kind: "for", start: first.startOffset, end: body.end, ...clauseOf(clause), body: body.members };
  }

  scenario(first: Token, title: Token, body: Block<Member>): Member {
    const { startOffset: start } = first;
    const help = this.#helpBefore(first);
    return {
      kind: "scenario",
      start,
      end: body.end,
      title: this.#string(title),
      body: body.members,
      ...help,
    };
  }

  // ── Expressions ──────────────────────────────────────────────────────────────────────────────────────────

  literal(token: Token): Expression {
    const start = token.startOffset;
    const { end, literal } = token;
    switch (literal?.kind) {
      case "string":
        return this.#string(token);
      case "number":
        return { kind: "number", start, end, digits: literal.digits };
      case "quantity":
        return { kind: "quantity", start, end, digits: literal.digits, unit: literal.unit };
      case "address":
        return { kind: "address", start, end, text: literal.text, cidr: literal.cidr };
      case "boolean":
        return { kind: "boolean", start, end, value: literal.value };
      case "none":
        return { kind: "none", start, end };
      default:
        return { kind: "missing", start, end };
    }
  }

  #string(token: Token): Ast.StringExpression {
    const { startOffset: start, end, literal } = token;
    if (literal?.kind !== "string") return { kind: "string", start, end, parts: [] };
    const [only] = literal.parts;
    if (typeof only === "string" && literal.parts.length === 1)
      return { kind: "string", start, end, parts: [only] };
    const parts: (string | Expression)[] = [];
    for (const part of literal.parts) {
      if (typeof part === "string") {
        if (part !== "") parts.push(part);
        continue;
      }
      const index = parts.push({ kind: "missing", start: part.start, end: part.end }) - 1;
      this.#holes.push({
        hole: part,
        fill: (value) => {
          parts[index] = value;
        },
      });
    }
    return { kind: "string", start, end, parts };
  }

  /** The text of a string where nothing is evaluated: a path, a key, a name. */
  #plain(token: Token, role: string): string {
    if (token.literal?.kind !== "string") return token.image;
    const { parts } = token.literal;
    const hole = parts.find((part) => typeof part !== "string");
    if (hole !== undefined) {
      this.problems.push({ kind: "plain-string", start: hole.start - 1, end: hole.end + 1, role });
    }
    return parts.filter((part) => typeof part === "string").join("");
  }

  reference(token: Token): Expression {
    return { kind: "reference", start: token.startOffset, end: token.end, name: token.image };
  }

  has(first: Token, key: Token): Expression {
    return { kind: "has", start: first.startOffset, end: key.end, key: nameOf(key) };
  }

  /** Parentheses leave no node of their own; the range of what they hold grows by them. */
  parenthesised(inner: Expression, start: number, end: number): Expression {
    return { ...inner, start, end };
  }

  unary(operator: Token, operand: Expression): Expression {
    const sign = operator.image === "-" ? "-" : "not";
    return { kind: "unary", start: operator.startOffset, end: operand.end, operator: sign, operand };
  }

  binary(operator: Token, left: Expression, right: Expression): Expression {
    return {
      kind: "binary",
      start: left.start,
      end: right.end,
      operator: operator.tokenType.name === "NotIn" ? "not in" : (operator.image as Ast.BinaryOperator),
      left,
      right,
    };
  }

  where(subject: Expression, predicate: Expression): Expression {
    const { start } = subject;
    const { end } = predicate;
    if (subject.kind === "reference" && (subject.name === "pods" || subject.name === "nodes")) {
      return { kind: "selection", start, end, of: subject.name, terms: predicate };
    }
    return { kind: "where", start, end, subject, predicate };
  }

  member(object: Expression, name: Token): Expression {
    return { kind: "member", start: object.start, end: name.end, object, member: nameOf(name) };
  }

  index(object: Expression, indices: readonly Expression[], end: number): Expression {
    return { kind: "index", start: object.start, end, object, indices };
  }

  call(
    callee: Expression,
    args: Parameters<Builder<Member, Expression, TypeNode>["call"]>[1],
    end: number,
  ): Expression {
    return {
      kind: "call",
      start: callee.start,
      end,
      callee,
      arguments: args.map((argument) => ({
        start: argument.start,
        end: argument.end,
        ...(argument.name && { name: nameOf(argument.name) }),
        value: argument.value,
      })),
    };
  }

  conditional(first: Token, condition: Expression, then: Expression, otherwise: Expression): Expression {
    const start = first.startOffset;
    return { kind: "conditional", start, end: otherwise.end, condition, then, otherwise };
  }

  match(first: Token, subject: Expression, arms: readonly Arm<Expression>[], end: number): Expression {
    return {
      kind: "match",
      start: first.startOffset,
      end,
      subject,
      arms: arms.map((arm) => {
        const range = { start: arm.start, end: arm.end };
        if (arm.pattern.kind === "reference" && arm.pattern.name === "_") return { value: arm.value, range };
        if (!isPattern(arm.pattern)) {
          this.problems.push({ kind: "pattern", start: arm.pattern.start, end: arm.pattern.end });
        }
        return { pattern: arm.pattern, value: arm.value, range };
      }),
    };
  }

  list(
    first: Token,
    items: readonly { spread: boolean; value: Expression }[],
    comprehension: Parameters<Builder<Member, Expression, TypeNode>["list"]>[2],
    end: number,
  ): Expression {
    return {
      kind: "list",
      start: first.startOffset,
      end,
      items,
      ...(comprehension && { comprehension: clauseOf(comprehension) }),
    };
  }

  record(block: Block<Member>): Expression {
    return { kind: "record", start: block.start, end: block.end, members: block.members };
  }

  missing(at: number): Expression {
    return { kind: "missing", start: at, end: at };
  }

  // ── Types ────────────────────────────────────────────────────────────────────────────────────────────────

  namedType(path: readonly Token[], argument: Expression | undefined, end: number): TypeNode {
    const start = path[0]!.startOffset;
    return { kind: "type-name", start, end, path: path.map(nameOf), ...(argument && { argument }) };
  }

  literalType(value: Expression): TypeNode {
    return { kind: "type-literal", start: value.start, end: value.end, value };
  }

  unionType(options: readonly TypeNode[]): TypeNode {
    return { kind: "type-union", start: options[0]!.start, end: options.at(-1)!.end, options };
  }

  listType(first: Token, element: TypeNode, end: number): TypeNode {
    return { kind: "type-list", start: first.startOffset, end, element };
  }

  recordType(
    first: Token,
    fields: readonly { name: Token; optional: boolean; type: TypeNode }[],
    values: TypeNode | undefined,
    end: number,
  ): TypeNode {
    return {
      kind: "type-record",
      start: first.startOffset,
      end,
      fields: fields.map(({ name, optional, type }) => ({ name: nameOf(name), optional, type })),
      ...(values && { values }),
    };
  }

  optionalType(type: TypeNode, end: number): TypeNode {
    return { kind: "type-optional", start: type.start, end, type };
  }

  refinedType(type: TypeNode, predicate: Expression): TypeNode {
    return { kind: "type-refined", start: type.start, end: predicate.end, type, predicate };
  }

  missingType(at: number): TypeNode {
    return { kind: "type-missing", start: at, end: at };
  }
}
