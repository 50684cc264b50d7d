import fc from "fast-check";
import type { Expression, Member, Module, Name, Parameter, TypeNode } from "../../compiler/syntax/ast.ts";

/** Random syntax trees: whatever the parser can give for a text without mistakes, but for places. */

const nowhere = { start: 0, end: 0 };
type Made = Record<string, unknown>;
/** A node with the parts that are there. */
const node = <Kind>(kind: string, parts: Made): Kind =>
  ({
    kind,
    ...nowhere,
    ...Object.fromEntries(Object.entries(parts).filter(([, part]) => part !== undefined)),
  }) as Kind;
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const words = [
  "a",
  "b",
  "web",
  "es-master",
  "x_1",
  "on",
  "at",
  "as",
  "readonly",
  "port",
  "label",
  "use",
  "with",
];
const reserved = ["if", "in", "match", "true", "none", "not", "has", "where"];
const plain = fc.constantFrom("a", "b", "web", "es-master", "x_1", "Big", "i");
const asName = (text: string): Name => ({ kind: "name", ...nowhere, text });
const name = plain.map(asName);
/** After `.` and before `:` any word is a name. */
const anyName = fc.constantFrom(...words, ...reserved).map(asName);
const text = fc.oneof(
  fc.constantFrom(
    "web",
    "a b",
    "$",
    "$(VAR)",
    "{",
    "}",
    '"',
    "\\",
    "\n",
    "\t",
    "//",
    "é漢😀",
    "\u202e",
    "\u0007",
    "$${x",
  ),
  fc.string({ unit: "grapheme", maxLength: 6 }),
);
const digits = fc.constantFrom("0", "1", "42", "0.5", "1000");
const number = digits.map((of) => node<Expression>("number", { digits: of }));
const quantity = fc
  .tuple(fc.constantFrom("1", "0.5", "250"), fc.constantFrom("m", "Mi", "G", "ms", "s", "min", "h", "%", "B"))
  .map(([of, unit]) => node<Expression>("quantity", { digits: of, unit }));
const address = fc
  .constantFrom("10.0.0.1", "10.0.0.0/16")
  .map((of) => node<Expression>("address", { text: of, cidr: of.includes("/") }));
const figure = fc.oneof(number, quantity, address);

/** Neighbouring texts are one, and none is empty but where it is all there is. */
function stringOf(parts: readonly (string | Expression)[]): Expression {
  const joined: (string | Expression)[] = [];
  for (const part of parts) {
    const last = joined.at(-1);
    if (typeof part === "string" && typeof last === "string") joined[joined.length - 1] = last + part;
    else if (part !== "") joined.push(part);
  }
  return node("string", { parts: joined.length === 0 ? [""] : joined });
}
const plainString = text.map((part) => stringOf([part]));
const literal = fc.oneof(
  figure,
  plainString,
  fc.boolean().map((value) => node<Expression>("boolean", { value })),
  fc.constant(node<Expression>("none", {})),
);

const operators = [
  "*",
  "/",
  "+",
  "-",
  "..",
  "==",
  "!=",
  "<",
  "<=",
  ">",
  ">=",
  "in",
  "not in",
  "??",
  "and",
  "or",
];
const isSelector = (of: Expression) => of.kind === "reference" && ["pods", "nodes"].includes(of.name);

interface Trees {
  expression: Expression;
  member: Member;
  type: TypeNode;
  option: TypeNode;
  field: Member;
  parameter: Parameter;
}

const several = <T>(arbitrary: fc.Arbitrary<T>, most = 3) => fc.array(arbitrary, { maxLength: most });

const trees = fc.letrec<Trees>((tie: fc.LetrecTypedTie<Trees>) => {
  const expression = tie("expression");
  const members = several(tie("member"));
  const fields = several(tie("field"));
  const steps = several(tie("step"));
  const clauses = several(
    fc
      .tuple(fc.constantFrom("within", "by", "from"), expression)
      .map(([word, value]) => ({ ...nowhere, word: asName(word), value })),
    2,
  );
  const argument = fc
    .tuple(maybe(anyName), expression)
    .map(([key, value]) => ({ ...nowhere, ...(key && { name: key }), value }));
  const pattern = maybe(
    fc.oneof(
      literal,
      number.map((of) => node<Expression>("unary", { operator: "-", operand: of })),
    ),
  );
  const arm = fc
    .tuple(pattern, expression)
    .map(([of, value]) => ({ ...(of && { pattern: of }), value, range: nowhere }));
  const clause = fc
    .tuple(fc.array(name, { minLength: 1, maxLength: 2 }), expression, maybe(expression))
    .map(([variables, over, condition]) => ({ variables, over, ...(condition && { condition }) }));
  const block = (kind: string, parts: Record<string, fc.Arbitrary<unknown>>) =>
    fc.record(parts).map((made) => node<Member>(kind, made));
  const help = maybe(fc.constantFrom("What it is.", "One.\n\n  Two.", "/ odd"));
  const loops = (body: fc.Arbitrary<Member[]>) => [
    fc.tuple(expression, body, maybe(body)).map(([condition, yes, otherwise]) =>
      // biome-ignore lint/suspicious/noThenProperty: named as in the tree
      node<Member>("if", { condition, then: yes, otherwise }),
    ),
    fc.tuple(clause, body).map(([of, inner]) => node<Member>("for", { ...of, body: inner })),
  ];
  const parameters = several(tie("parameter"));
  const declaration = fc
    .record({
      word: fc.constantFrom("rc", "pod", "on", "Big", "port").map(asName),
      named: maybe(
        fc.oneof(
          name.map((of) => ({ objectName: of.text, name: of })),
          name.map((of) => ({ objectName: "3/{x}", name: of })),
          fc.constant({ objectName: "3x" }),
          fc
            .tuple(name, expression)
            .map(([of, hole]) => ({ computedName: stringOf(["a-", hole]), name: of })),
        ),
      ),
      family: maybe(
        fc.array(
          fc.tuple(name, expression).map(([variable, over]) => ({ ...nowhere, variable, over })),
          { minLength: 1, maxLength: 2 },
        ),
      ),
      value: maybe(expression),
      figure: maybe(figure),
      target: maybe(expression),
      body: maybe(members),
      external: fc.constantFrom(undefined, undefined, true as const),
      help,
    })
    .map(({ word, external, named, family, value, figure: alone, target, body, help: said }) =>
      node<Member>("declaration", {
        external,
        word: named && "computedName" in named ? asName("namespace") : word,
        ...named,
        ...(named && { family }),
        // Without a name only a figure can be a value: `port 8080`.
        value: named ? value : alone,
        target: (named ? value : alone) && target,
        body,
        bodyRange: body && nowhere,
        help: said,
      }),
    );
  return {
    expression: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      literal,
      fc.constantFrom(...words).map((of) => node<Expression>("reference", { name: of })),
      several(fc.oneof(text, expression)).map(stringOf),
      fc.tuple(expression, anyName).map(([object, member]) => node<Expression>("member", { object, member })),
      fc
        .tuple(expression, several(expression, 2))
        .map(([object, indices]) => node<Expression>("index", { object, indices })),
      fc
        .tuple(expression, several(argument))
        .map(([callee, args]) => node<Expression>("call", { callee, arguments: args })),
      fc
        .tuple(fc.constantFrom("not", "-"), expression)
        .map(([operator, operand]) => node<Expression>("unary", { operator, operand })),
      fc
        .tuple(fc.constantFrom(...operators), expression, expression)
        .map(([operator, left, right]) => node<Expression>("binary", { operator, left, right })),
      fc.tuple(expression, expression, expression).map(([condition, yes, otherwise]) =>
        // biome-ignore lint/suspicious/noThenProperty: named as in the tree
        node<Expression>("conditional", { condition, then: yes, otherwise }),
      ),
      fc
        .tuple(expression, several(arm))
        .map(([subject, arms]) => node<Expression>("match", { subject, arms })),
      several(fc.record({ spread: fc.boolean(), value: expression })).map((items) =>
        node<Expression>("list", { items }),
      ),
      fc
        .tuple(expression, clause)
        .map(([value, comprehension]) =>
          node<Expression>("list", { items: [{ spread: false, value }], comprehension }),
        ),
      fields.map((of) => node<Expression>("record", { members: of })),
      fc
        .tuple(fc.constantFrom("pods", "nodes"), expression)
        .map(([of, terms]) => node<Expression>("selection", { of, terms })),
      fc
        .tuple(
          expression.filter((of) => !isSelector(of)),
          expression,
        )
        .map(([subject, predicate]) => node<Expression>("where", { subject, predicate })),
      anyName.filter(({ text: of }) => !reserved.includes(of)).map((key) => node<Expression>("has", { key })),
    ),
    field: fc.oneof(
      { depthSize: "small" },
      fc
        .tuple(fc.oneof(anyName, several(fc.oneof(text, expression)).map(stringOf)), expression)
        .map(([key, value]) => node<Member>("field", { key, value })),
      expression.map((value) => node<Member>("spread", { value })),
      ...loops(fields),
    ),
    parameter: fc
      .tuple(name, maybe(tie("type")), maybe(expression))
      .map(([of, type, value]) => ({ ...nowhere, name: of, ...(type && { type }), ...(value && { value }) })),
    option: fc.oneof(
      { depthSize: "small" },
      fc
        .tuple(fc.array(name, { minLength: 1, maxLength: 2 }), maybe(expression))
        .map(([path, argument]) => node<TypeNode>("type-name", { path, argument })),
      literal.map((value) => node<TypeNode>("type-literal", { value })),
      figure.map((operand) =>
        node<TypeNode>("type-literal", { value: node("unary", { operator: "-", operand }) }),
      ),
      tie("type").map((element) => node<TypeNode>("type-list", { element })),
      fc
        .tuple(
          several(
            fc
              .tuple(anyName, fc.boolean(), tie("type"))
              .map(([of, optional, type]) => ({ name: of, optional, type })),
          ),
          maybe(tie("type")),
        )
        .map(([of, values]) => node<TypeNode>("type-record", { fields: of, values })),
      tie("option").map((type) => node<TypeNode>("type-optional", { type })),
    ),
    type: fc
      .tuple(fc.array(tie("option"), { minLength: 1, maxLength: 3 }), maybe(expression))
      .map(([options, predicate]) => {
        const type = options.length === 1 ? options[0]! : node<TypeNode>("type-union", { options });
        return predicate === undefined ? type : node<TypeNode>("type-refined", { type, predicate });
      }),
    step: fc.oneof(
      { depthSize: "small" },
      fc
        .tuple(fc.constantFrom("kill", "slow", "always", "eventually", "wait"), expression, clauses)
        .map(([word, operand, of]) => node<Member>("step", { word: asName(word), operand, clauses: of })),
      clauses.map((of) => node<Member>("step", { word: asName("settle"), clauses: of })),
      fc
        .tuple(fc.constantFrom("after", "at most"), expression, expression, clauses)
        .map(([word, operand, condition, of]) =>
          node<Member>("step", { word: asName(word), operand, condition, clauses: of }),
        ),
      block("update", { word: name, path: expression, body: members }),
      block("apply", { body: members }),
      block("fork", { count: maybe(expression), variable: name, over: expression, body: steps }),
      block("repeat", { count: expression, variable: maybe(name), body: steps }),
      block("chaos", {
        clauses,
        faults: several(
          fc
            .tuple(name, expression, clauses)
            .map(([fault, count, of]) => ({ ...nowhere, fault, count, clauses: of })),
        ),
      }),
      block("let", { name, type: maybe(tie("type")), value: expression }),
      fc.tuple(anyName, expression).map(([key, value]) => node<Member>("field", { key, value })),
      block("for", { variables: name.map((of) => [of]), over: expression, body: steps }),
      // biome-ignore lint/suspicious/noThenProperty: named as in the tree
      block("if", { condition: expression, then: steps, otherwise: maybe(steps) }),
    ),
    member: fc.oneof(
      { depthSize: "small" },
      tie("field"),
      declaration,
      fc
        .record({
          path: fc.constantFrom("std/probe", "./a b.kdsl"),
          names: several(
            fc.tuple(name, maybe(name)).map(([of, alias]) => ({ name: of, ...(alias && { alias }) })),
          ),
          alias: maybe(name),
          with: maybe(fields.map((of) => node<Expression>("record", { members: of }))),
        })
        .map((made) =>
          node<Member>("use", { ...made, pathRange: nowhere, library: made.path.startsWith("std") }),
        ),
      fc.tuple(tie("parameter"), help).map(([of, said]) => node<Member>("param", { ...of, help: said })),
      block("let", { name, type: maybe(tie("type")), value: expression }),
      block("function", { name, parameters, result: maybe(tie("type")), value: expression, help }),
      block("type", { name, type: tie("type") }),
      fc
        .tuple(name, fc.constantFrom(undefined, "a.b/c"), maybe(tie("type")))
        .map(([of, key, type]) =>
          node<Member>("label", { key: key ?? of.text, keyRange: nowhere, name: of, type }),
        ),
      block("template", { name, parameters, body: members, help }),
      block("extend", { word: name, path: expression, body: members }),
      block("drop", { word: name, name: fc.oneof(name, plainString, number) }),
      block("mount", { volume: expression, path: expression, readonly: fc.boolean(), body: maybe(members) }),
      block("require", { condition: expression, message: maybe(expression) }),
      block("assert", { condition: expression, message: maybe(expression) }),
      block("policy", {
        title: plainString,
        word: name,
        variable: name,
        where: maybe(expression),
        body: members,
      }),
      block("scenario", { title: plainString, body: steps, help }),
      ...loops(members),
    ),
  };
});

/** A module of a few members. */
export const module: fc.Arbitrary<Module> = fc
  .array(trees.member, { minLength: 1, maxLength: 5 })
  .map((members) => ({ kind: "module", ...nowhere, file: { path: "main.kdsl", text: "" }, members }));
