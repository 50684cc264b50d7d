import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Declaration, Expression, Member, TypeNode } from "../../compiler/syntax/ast.ts";
import { parse } from "../../compiler/syntax/parse.ts";
import { children, pathAt, walk } from "../../compiler/syntax/walk.ts";

function members(text: string): readonly Member[] {
  const { module, diagnostics } = parse({ path: "main.kdsl", text });
  expect(diagnostics.map((diagnostic) => diagnostic.message)).toEqual([]);
  return module.members;
}

function value(text: string): Expression {
  const [member] = members(`let x = ${text}\n`);
  return (member as Extract<Member, { kind: "let" }>).value;
}

/** An expression with all its grouping shown. */
function grouped(expression: Expression): string {
  switch (expression.kind) {
    case "binary":
      return `(${grouped(expression.left)} ${expression.operator} ${grouped(expression.right)})`;
    case "unary":
      return `(${expression.operator} ${grouped(expression.operand)})`;
    case "where":
      return `(${grouped(expression.subject)} where ${grouped(expression.predicate)})`;
    case "selection":
      return `<${expression.of} where ${grouped(expression.terms)}>`;
    case "has":
      return `has ${expression.key.text}`;
    case "member":
      return `${grouped(expression.object)}.${expression.member.text}`;
    case "index":
      return `${grouped(expression.object)}[${expression.indices.map(grouped).join(", ")}]`;
    case "call":
      return `${grouped(expression.callee)}(${expression.arguments.map(({ name, value }) => (name ? `${name.text}: ` : "") + grouped(value)).join(", ")})`;
    case "conditional":
      return `(if ${grouped(expression.condition)} then ${grouped(expression.then)} else ${grouped(expression.otherwise)})`;
    case "list": {
      const items = expression.items
        .map(({ spread, value }) => (spread ? "..." : "") + grouped(value))
        .join(", ");
      const { comprehension } = expression;
      if (comprehension === undefined) return `[${items}]`;
      const condition =
        comprehension.condition === undefined ? "" : ` if ${grouped(comprehension.condition)}`;
      return `[${items} for ${comprehension.variables.map((name) => name.text).join(", ")} in ${grouped(comprehension.over)}${condition}]`;
    }
    case "string":
      return `"${expression.parts.map((part) => (typeof part === "string" ? part : `{${grouped(part)}}`)).join("")}"`;
    case "quantity":
      return expression.digits + expression.unit;
    case "number":
      return expression.digits;
    case "address":
      return expression.text;
    case "boolean":
      return String(expression.value);
    case "reference":
      return expression.name;
    default:
      return expression.kind;
  }
}

describe("values", () => {
  test.each([
    ["a + b * c - d", "((a + (b * c)) - d)"],
    ["not a == b", "((not a) == b)"],
    ["-a.b + -c(1)", "((- a.b) + (- c(1)))"],
    ["a and b or c and d", "((a and b) or (c and d))"],
    ["a ?? b == c and d", "((a ?? (b == c)) and d)"],
    ["1..n + 1", "(1 .. (n + 1))"],
    ["x not in [1, 2] or y in z", "((x not in [1, 2]) or (y in z))"],
    ["(a + b) * c", "((a + b) * c)"],
    ['pods where app == "x" and has gpu', '<pods where ((app == "x") and has gpu)>'],
    ["nodes where a or b", "<nodes where (a or b)>"],
    ["x where it > 1", "(x where (it > 1))"],
    ["if a then b else if c then d else e + 1", "(if a then b else (if c then d else (e + 1)))"],
    ["w[1, i].x(2, every: 3s)", "w[1, i].x(2, every: 3s)"],
    ["[y + 1 for y in ys if y > 2]", "[(y + 1) for y in ys if (y > 2)]"],
    ["[k for k, v in m]", "[k for k, v in m]"],
    ["[1, ...a,]", "[1, ...a]"],
    [
      "[250m, 64Mi, 1G, 500ms, 5min, 25%, 0.5, 1_000, 134217728B]",
      "[250m, 64Mi, 1G, 500ms, 5min, 25%, 0.5, 1000, 134217728B]",
    ],
    ["[10.0.0.1, 10.0.0.0/16]", "[10.0.0.1, 10.0.0.0/16]"],
    ["es-master - 1", "(es-master - 1)"],
    ["a.if.in", "a.if.in"],
    ["a\n - 1", "(a - 1)"],
    ["label + type", "(label + type)"],
  ])("%s", (text, expected) => {
    expect(grouped(value(text))).toBe(expected);
  });

  test("every node knows where it stands", () => {
    const text = 'let x = f(a.b, "t{c + 1}u")\n';
    const { module } = parse({ path: "main.kdsl", text });
    const seen: string[] = [];
    walk(module, (node) => void seen.push(`${node.kind} ${text.slice(node.start, node.end)}`));
    expect(seen.slice(1)).toEqual([
      'let let x = f(a.b, "t{c + 1}u")',
      "name x",
      'call f(a.b, "t{c + 1}u")',
      "reference f",
      "member a.b",
      "reference a",
      "name b",
      'string "t{c + 1}u"',
      "binary c + 1",
      "reference c",
      "number 1",
    ]);
    expect(pathAt(module, text.indexOf("+ 1")).map((node) => node.kind)).toEqual([
      "module",
      "let",
      "call",
      "string",
      "binary",
    ]);
    expect(children(module).length).toBe(1);
  });
});

describe("strings", () => {
  test.each([
    ['"plain"', '"plain"'],
    ['""', '""'],
    ['"a{b}c{d.e["k"]}"', '"a{b}c{d.e["k"]}"'],
    ['"{if a then "x" else "y{z}"}"', '"{(if a then "x" else "y{z}")}"'],
    ['"\\{ \\" \\\\ \\t \\u{1F600}"', '"{ " \\ \t 😀"'],
    ['r"\\d+{2}"', '"\\d+{2}"'],
    ['"$(VAR) $x"', '"$(VAR) $x"'],
    ['"http://{h}/x // y"', '"http://{h}/x // y"'],
    ['"{ { a: 1 }.a }"', '"{record.a}"'],
  ])("%s", (text, expected) => {
    expect(grouped(value(text))).toBe(expected);
  });

  test.each([
    ["the common indent goes", '"""\n    one\n      two\n\n    three\n    """', "one\n  two\n\nthree\n"],
    ["the closing quotes set the margin", '"""\n    one\n  """', "  one\n"],
    ["no line end before the closing quotes, none in the text", '"""\n  one\n  two"""', "one\ntwo"],
    ["text may follow the opening quotes", '"""one\n  two"""', "one\ntwo"],
    ["line ends become one kind", '"""\r\n  one\r\n  two\r\n  """', "one\ntwo\n"],
    ["quotes may stand inside", '"""say "hi" """', 'say "hi" '],
    ["raw text keeps braces and backslashes", 'r"""\n  {"a": "\\n"}\n  """', '{"a": "\\n"}\n'],
    ["an escape is no line end", '"""\n  a\\nb\n  """', "a\nb\n"],
  ])("%s", (_, text, expected) => {
    expect(value(text)).toMatchObject({ kind: "string", parts: [expected] });
  });

  test("a hole begins a line", () => {
    const string = value('"""\n    a\n    {b}\n      {c} d\n    """');
    expect(grouped(string)).toBe('"a\n{b}\n  {c} d\n"');
  });
});

describe("members", () => {
  const first = (text: string) => members(text)[0] as Declaration;

  test("a port has a name and a value, a value alone, or a target", () => {
    expect(first('port http: 80 -> web { protocol: "TCP" }')).toMatchObject({
      word: { text: "port" },
      objectName: "http",
      value: { digits: "80" },
      target: { name: "web" },
      body: [{ kind: "field" }],
    });
    const unnamed = first("port 8080");
    expect(unnamed.value).toMatchObject({ digits: "8080" });
    expect(unnamed.name).toBeUndefined();
  });

  test("a family nests", () => {
    const { family } = first("node n[z in zs, i in 1..2] { }");
    expect(family?.map(({ variable, over }) => [variable.text, grouped(over)])).toEqual([
      ["z", "zs"],
      ["i", "(1 .. 2)"],
    ]);
  });

  test("a name that is no KDSL name has an alias", () => {
    expect(first('rc "3scale" as scale { }')).toMatchObject({
      objectName: "3scale",
      name: { text: "scale" },
    });
    expect(first('rc "web" { }')).toMatchObject({ objectName: "web", name: { text: "web" } });
  });

  test("`///` is the help of what follows; `//` and a `///` behind code are not", () => {
    const [param, other, rc] = members(
      "/// One.\n/// Two.\nparam a: Int /// no\nparam b: Int\n// no\n/// Three.\nrc c { }\n",
    );
    expect(param).toMatchObject({ help: "One.\nTwo." });
    expect(other).not.toHaveProperty("help");
    expect(rc).toMatchObject({ help: "Three." });
  });

  test("any word may be a key, and a word of the language a name", () => {
    const { body } = first('rc label { if: 1, type: 2, in: 3, mount: 4, "a.b": 5, on { x: 1 } }');
    expect(body?.map((member) => (member.kind === "field" ? member.key.kind : member.kind))).toEqual([
      "name",
      "name",
      "name",
      "name",
      "string",
      "declaration",
    ]);
  });

  test("the same members stand on lines or between commas", () => {
    const shape = (text: string) =>
      JSON.stringify(members(text), (key, part) => (key === "start" || key === "end" ? undefined : part));
    expect(shape("rc a { b: 1, c: 2 }").replace(/"bodyRange":\{\},?/g, "")).toBe(
      shape("rc a\n{\nb\n:\n1\nc:2\n}").replace(/"bodyRange":\{\},?/g, ""),
    );
  });

  test("modules, functions, templates, policies and scenarios", () => {
    const kinds = members(
      [
        "use std/probe { http, tcp as t }",
        'use "./f.kdsl" as f with { p: 1 }',
        "fn f(a: Int, b: Int = 2): Int = a + b",
        "type Small = Int(1..5) where it != 3",
        'label "a.b/c" as c: "x" | "y"',
        "template App(image: Image) { rc self { } }",
        "extend rc web { drop container log }",
        'policy "p" on container c where c.image != "x" { require c.image.tag != "latest" else "no" }',
        'assert 1 < 2 else "odd"',
        "if a { } else if b { } else { }",
        "for k, v in m if c { x: v }",
        'scenario "s" { kill x, always e >= 1 until { } }',
        "...rest",
      ].join("\n"),
    ).map((member) => member.kind);
    expect(kinds).toEqual([
      "use",
      "use",
      "function",
      "type",
      "label",
      "template",
      "extend",
      "policy",
      "assert",
      "if",
      "for",
      "scenario",
      "spread",
    ]);
  });
});

test.each<[string, Partial<TypeNode>]>([
  ["Int(1..50)", { kind: "type-name" }],
  ["Int?", { kind: "type-optional" }],
  ['"dev" | "prod"', { kind: "type-union" }],
  ["-3", { kind: "type-literal" }],
  ["[f.Name]", { kind: "type-list" }],
  ["{ key: Int, other?: [Int], if: Int, for?: Int }", { kind: "type-record" }],
  ["{[String]: Int}", { kind: "type-record", values: expect.anything() } as Partial<TypeNode>],
  ["Int where it > 1", { kind: "type-refined" }],
])("the type %s", (text, expected) => {
  expect(members(`type T = ${text}`)[0]).toMatchObject({ type: expected });
});

test("the design's whole file has nothing wrong", () => {
  const path = join(import.meta.dirname, "../fixtures/syntax/whole-file/main.kdsl");
  expect(members(readFileSync(path, "utf8")).length).toBe(17);
});

test("in a scenario only the word before the colon of `after` is no key", () => {
  const body = (text: string) =>
    (members(`scenario "s" {\n${text}\n}`)[0] as Extract<Member, { kind: "scenario" }>).body;
  for (const trigger of ["a < kill", "match a { }", "{ kill: 1 }"])
    expect(body(`after ${trigger}: b within 1s\na: 1`)).toMatchObject([
      { kind: "step", word: { text: "after" } },
      { kind: "field", key: { text: "a" } },
    ]);
});

test("what surrounds a mistake is still in the tree", () => {
  const { module, diagnostics } = parse({
    path: "main.kdsl",
    text: 'let a = 1 +\nlet b = = 2\nrc web {\n  replicas = 3\n  pod { image: "x" }\n}\nfn (a: Int) = a\nlet c = 3\n',
  });
  expect(diagnostics.length).toBe(4);
  expect(
    module.members.map((member) => (member.kind !== "drop" && "name" in member ? member.name?.text : "")),
  ).toEqual(["a", "b", "web", "", "c"]);
});
