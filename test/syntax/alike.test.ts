import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { AlikeDeclaration } from "../../compiler/syntax/alike.ts";
import type { Expression, Member, TypeNode } from "../../compiler/syntax/ast.ts";
import { TreeBuilder } from "../../compiler/syntax/build.ts";
import { readModule } from "../../grammar/read.ts";
import { runs } from "../runs.ts";

/** Declarations that are written like one before them are read by their text: to the trees that the rules make. */

const root = join(import.meta.dirname, "../..");
const files = ["test/fixtures", "examples", "stdlib"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".kdsl"))
    .map((name) => readFileSync(join(root, folder, name), "utf8")),
);

class ByRules extends TreeBuilder {
  override likenessOf(): undefined {
    return undefined;
  }
}

function read(builder: TreeBuilder, text: string) {
  const { members, problems } = readModule<Member, Expression, TypeNode>(text, builder);
  return { members, problems: [...problems, ...builder.problems] };
}

const isAlike = (member: Member) => member.kind === "declaration" && AlikeDeclaration.detailsOf(member);

function compare(text: string): number {
  const found = read(new TreeBuilder(), text);
  const alike = found.members.filter(isAlike).length;
  // As text: what is alike is of a class of its own, and its properties stand in another order.
  expect(inOrder(found)).toEqual(inOrder(read(new ByRules(), text)));
  return alike;
}

const inOrder = (value: unknown): unknown =>
  typeof value !== "object" || value === null
    ? value
    : Array.isArray(value)
      ? value.map(inOrder)
      : Object.fromEntries(
          Object.entries(value)
            .sort(([one], [other]) => (one < other ? -1 : 1))
            .map(([key, part]) => [key, inOrder(part)]),
        );

test("files, each written twice and thrice", () => {
  let alike = 0;
  for (const text of files) {
    compare(text);
    alike += compare(`${text}\n${text}${text}`);
  }
  expect(alike).toBeGreaterThan(100);
});

const literals = [
  ...[
    '"a"',
    '"bc-d"',
    '""',
    '"""x"""',
    '"{x}"',
    '"\\n"',
    'r"a"',
    '"a',
    '"b" "c"',
    "[1, 2]",
    "(5)",
    "-1",
    "1 + 2",
  ],
  ...["1", "20", "100m", "64Mi", "1.5", "10.0.0.1", "1..2", "5q", "2s", "2024-01-31"],
  ...["web", "x-1", "true", "none", "in", "r", "rc", "a.b", "f(1)", "config[2]", "use"],
];
const literal = fc.constantFrom(...literals);
/** What a first declaration has: mostly what others may be like. */
const plain = fc.constantFrom(
  '"a"',
  '"bc-d"',
  "1",
  "20",
  "100m",
  "10.0.0.1",
  "web",
  "x-1",
  "true",
  "(5)",
  '"{x}"',
);
const line = fc.oneof(
  plain.map((text) => `  image: ${text}`),
  fc.tuple(plain, plain).map(([one, other]) => `  requests: { cpu: ${one}, memory: ${other} }`),
  fc.tuple(plain, plain).map(([one, other]) => `  args: [${one}, ${other}]`),
  plain.map((text) => `  port http: ${text} -> ${text}`),
  plain.map((text) => `  volume x: config(${text}, key: ${text})`),
  fc.tuple(plain, plain).map(([one, other]) => `  mount ${one} at ${other} readonly`),
  plain.map((text) => `  settings: config[${text}]`),
  plain.map((text) => `  container c {\n    /// about\n    image: ${text}\n  }`),
  fc.constantFrom("  // a comment", "", "  ...other", "  if x { a: 1 }", '  "k": 1', "  /// help", "}"),
);
const mostly = (often: readonly string[], seldom: readonly string[]) =>
  fc.oneof(
    { weight: 9, arbitrary: fc.constantFrom(...often) },
    { weight: 1, arbitrary: fc.constantFrom(...seldom) },
  );
const name = mostly(
  ["web", "db", '"xy" as y', '"x-long" as z'],
  ['"plain"', '"a b"', '"a b" as c', "in", ""],
);
const between = mostly(
  ["\n", "\n\n", "\n// comment\n"],
  ["\n\n/// help\n", " ", "", "\n+ 1\n", "\nlet x = { a: 1 }\n", "\r\n", "\n.x\n"],
);

test("random declarations, more or less alike", () => {
  let alike = 0;
  const form = fc.record({
    word: fc.constantFrom("rc", "rc", "config", "App"),
    lines: fc.array(line, { maxLength: 4 }),
  });
  const text = fc.array(form, { minLength: 1, maxLength: 2 }).chain((forms) =>
    fc
      .array(
        fc.record({
          form: fc.nat(forms.length - 1),
          name,
          values: fc.array(literal, { minLength: 8, maxLength: 8 }),
          change: fc.integer({ min: 0, max: 7 }),
          between,
        }),
        { minLength: 2, maxLength: 6 },
      )
      .map((all) =>
        all
          .map(({ form: index, name, values, change, between }) => {
            const { word, lines } = forms[index]!;
            let at = 0;
            // Mostly other literals of one form; now and then any.
            const body = lines.map((one) =>
              one.replaceAll(/"[\w-]*"|\b\d+\w*\b/g, (old) => {
                const value = values[at++ % values.length]!;
                return change === 0 ? value : value[0] === old[0] ? value : old;
              }),
            );
            return `${word} ${name} {\n${body.join("\n")}\n}${between}`;
          })
          .join(""),
      ),
  );
  fc.assert(
    fc.property(text, (one) => {
      alike += compare(one);
    }),
    runs(400),
  );
  expect(alike).toBeGreaterThan(50);
});
