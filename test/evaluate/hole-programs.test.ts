import fc from "fast-check";
import { expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { canonicalText } from "../../compiler/plan/canonical.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";
import { runs } from "../runs.ts";

/**
 * What programs give for the holes of a mold is what evaluating each expression gives. With a policy there are no molds,
 * and so no programs.
 */
const policy = '\npolicy "nothing" on namespace unasked { require true }\n';

const head = (numbers: string) => `
label app
let numbers = ${numbers}
let small = [0, 3, 1, 4]
let texts = ["a", "b", "c-{1 + 1}", "d"]
let half = 0.5
let all = [small[0], half, large]
let large = 9007199254740000
config "held" as held[n in 0..4] {}
`;

const { whole, text, amount } = fc.letrec<{ whole: string; text: string; amount: string }>((tie) => ({
  whole: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom("i", "0", "1", "2", "7", "large", "half", "small[1]"),
    fc
      .tuple(tie("whole"), fc.constantFrom("+", "+", "-", "*", "*", "/"), tie("whole"))
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
    fc.tuple(tie("whole"), tie("whole")).map(([left, right]) => `rem(${left}, ${right})`),
    tie("whole").map((index) => `small[rem(${index}, 4)]`),
    tie("whole").map((one) => `floor(${one})`),
    tie("whole").map((one) => `-${one}`),
  ),
  text: fc.oneof(
    fc.tuple(tie("whole"), tie("whole")).map(([one, other]) => `"x{${one}}-{${other}}"`),
    tie("whole").map((index) => `texts[rem(${index}, 4)]`),
    tie("whole").map((index) => `texts[${index}]`),
    fc.tuple(tie("text"), tie("whole")).map(([inner, one]) => `"{${inner}}{${one}}"`),
    tie("whole").map((index) => `held[rem(${index}, 5)].name`),
  ),
  amount: fc
    .tuple(fc.constantFrom("1m", "100m", "0.1m", "64m"), tie("whole"), fc.boolean())
    .map(([one, times, first]) => (first ? `${one} * ${times}` : `${times} * ${one}`)),
}));

/** Mostly one that is in order: a program that is refused is evaluated without molds. */
const body = fc
  .record({ one: whole, other: whole, text, amount, wild: fc.option(fc.oneof(whole, text), { freq: 3 }) })
  .map(
    ({ one, other, text, amount, wild }) => `
  replicas: rem(${one}, 5)
  pod {
    identity: { app: "WHOSE-x{rem(${other}, 3)}" }
    volume v: config(held[rem(${one}, 5)])
    container main {
      image: "a:{rem(${one}, 7)}.{rem(${other}, 7)}"
      port http: 8000 + rem(${other}, 100)
      env: { A: ${one}, B: "{${other}}", C: ${text}${wild === null ? "" : `, D: ${wild}`} }
      requests: { cpu: 100m * (1 + rem(${one}, 4)) }
      limits: { cpu: 5 + ${amount} }
      mount v at "/v"
    }
  }
`,
  );

const numbers = fc.constantFrom("0..4", "1..5", "-3..2", "8..12", "[4, 1, 3]");

function result(text: string): { plan: string | undefined; said: string } {
  const { plan, diagnostics } = compile({
    fileSystem: memoryFileSystem({ "main.kdsl": text }),
    path: "main.kdsl",
    resolvePath: (_, path) => `/${path}`,
  });
  const { hash: _, sources: __, ...rest } = plan ?? {};
  return { plan: plan && canonicalText(rest, 1), said: renderDiagnostics(diagnostics, { color: false }) };
}

test("what fills the holes of a family is what each of its expressions gives", () => {
  let sound = 0;
  fc.assert(
    fc.property(numbers, body, (over, block) => {
      const written = `${head(over)}\nrc web[i in numbers] {${block.replace("WHOSE", "x{20 + i}")}}\n`;
      const found = result(written);
      expect(found).toEqual(result(written + policy));
      if (found.plan) sound++;
    }),
    runs(200),
  );
  expect(sound).toBeGreaterThan(30);
});

test("so it is for the uses of a template, in a loop and outside", () => {
  const uses = fc.array(fc.tuple(whole, fc.boolean()), { minLength: 2, maxLength: 5 });
  fc.assert(
    fc.property(uses, body, (all, block) => {
      const use = ([given, loop]: [string, boolean], index: number) => {
        const value = given.replaceAll(/\bi\b/g, loop ? "n" : "3");
        return loop
          ? `for n in [1, 2] { App use${index} { i: ${value} } }`
          : `App use${index} { i: ${value} }`;
      };
      const written = `${head("0..1")}\ntemplate App(i: Int) {\nrc self {${block.replace("WHOSE", "{self.name}")}}\n}\n${all.map(use).join("\n")}\n`;
      expect(result(written)).toEqual(result(written + policy));
    }),
    runs(100),
  );
});
