import { describe, expect, test } from "vitest";
import { evaluateFiles, evaluateText, messages } from "./support.ts";

/** Hostile files end soon, with one clear error. */

const codes = (text: string): readonly string[] => [
  ...new Set(evaluateText(text).diagnostics.map(({ code }) => code)),
];

const chain = (count: number, first: string, step: (before: string) => string): string =>
  [
    `let v0 = ${first}`,
    ...Array.from({ length: count }, (_, index) => `let v${index + 1} = ${step(`v${index}`)}`),
  ].join("\n");

describe("evaluation is bounded", () => {
  test("nested comprehensions", () => {
    const nested = "[[[[d for d in 1..1000] for c in 1..1000] for b in 1..1000] for a in 1..1000]";
    expect(codes(`let x = ${nested}\nconfig out { n: "{length(x)}" }`)).toEqual(["KD2205"]);
  });

  test("a text that doubles", () => {
    const text = `${chain(60, '"xxxxxxxx"', (before) => `"{${before}}{${before}}"`)}\nconfig c { x: v60 }`;
    expect(codes(text)).toEqual(["KD2205"]);
  });

  test("a list that doubles", () => {
    const text = `${chain(60, "[1]", (before) => `[...${before}, ...${before}]`)}\nconfig c { x: "{length(v60)}" }`;
    expect(codes(text)).toEqual(["KD2205"]);
  });

  test("a number that squares", () => {
    const text = `${chain(60, "3", (before) => `${before} * ${before}`)}\nconfig c { x: "{v60}" }`;
    expect(codes(text)).toEqual(["KD2205"]);
  });

  test("a tree of shared records, walked by comparison", () => {
    const text = `${chain(40, "{ a: 1 }", (before) => `{ a: ${before}, b: ${before} }`)}\nassert v40 == v40`;
    expect(codes(text)).toEqual(["KD2205"]);
  });

  test("a tree of shared records, where a record of other fields belongs", () => {
    const pod = 'pod p { securityContext: v40, container c { image: "c" } }';
    expect(codes(`${chain(40, "{ a: 1 }", (before) => `{ a: ${before}, b: ${before} }`)}\n${pod}`)).toEqual([
      "KD2101",
    ]);
  });

  test("types of trees, joined by a condition", () => {
    const trees = ["v", "w"].map((name) =>
      chain(40, "{ a: 1 }", (before) => `{ a: ${before}, b: ${before} }`).replaceAll("v", name),
    );
    const text = `${trees.join("\n")}\nparam p = true\nlet x = if p then v40 else w40\nconfig out { n: "{length(keys(x))}" }`;
    expect(codes(text)).toEqual([]);
  });

  test("one large text at many places", () => {
    const text = `${chain(12, '"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"', (before) => `"{${before}}{${before}}{${before}}"`)}\nconfig out { for i in 1..1000 { "k{i}": v12 } }`;
    expect(codes(text)).toEqual(["KD2205"]);
  });

  test("replacing letters by words", () => {
    const text = `${chain(30, '"a"', (before) => `replace(${before}, "a", "aaaaaaaa")`)}\nconfig c { x: v30 }`;
    expect(codes(text)).toEqual(["KD2205"]);
  });

  test("a family of a thousand million", () => {
    expect(codes("node w[i in 1..1000000000] { }")).toEqual(["KD2205"]);
  });

  test("functions that call functions", () => {
    const text = [
      "fn f0(x: Int) = x + 1",
      ...Array.from({ length: 40 }, (_, index) => `fn f${index + 1}(x: Int) = f${index}(x) + f${index}(x)`),
      'config c { x: "{f40(1)}" }',
    ].join("\n");
    expect(codes(text)).toEqual(["KD2205"]);
  });

  test("definitions in a chain of thousands, the last one first", () => {
    const count = 5_000;
    const text = [
      ...Array.from({ length: count }, (_, index) => `let v${count - index} = v${count - index - 1} + 1`),
      "let v0 = 0",
      `config c { x: "{v${count}}" }`,
    ].join("\n");
    expect(codes(text)).toEqual(["KD2205"]);
  });

  test("types in a chain of thousands, the last one first", () => {
    const count = 20_000;
    const aliases = Array.from(
      { length: count },
      (_, index) => `type T${count - index} = [T${count - index - 1}]`,
    );
    expect(codes(`${aliases.join("\n")}\ntype T0 = Int`)).toEqual(["KD2205"]);
  });

  test("lists in lists by the thousand", () => {
    const text = chain(20_000, "[1]", (before) => `[${before}]`);
    expect(codes(`${text}\nassert v20000 == v20000`)).toEqual(["KD2205"]);
    expect(codes(`${text}\npod p { dnsConfig: v20000, container c { image: "c" } }`)).toEqual(["KD2101"]);
    expect(messages(evaluateText(`${text}\nconfig out { x: v20000 }`))).toEqual([
      "KD2101 expected String or Number or Bool, found the list [[[[…]]]]",
    ]);
  });

  test("definitions in a long chain, in order, are no trouble", () => {
    expect(
      messages(evaluateText(`${chain(300, "0", (before) => `${before} + 1`)}\nconfig c { x: "{v300}" }`)),
    ).toEqual([]);
  });

  test("a pattern that would take other engines for ever", () => {
    const text = `param name: String(r"(a+)+b") = "${"a".repeat(5000)}"\nconfig c { n: name }`;
    expect(codes(text)).toEqual(["KD2203"]);
  });

  test("huge ranges are values like others", () => {
    expect(messages(evaluateText('assert 5 in 1..1000000000000000000000 else "no"'))).toEqual([]);
  });

  test("a config's file outside of the project is refused", () => {
    const files = {
      "main.kdsl": 'config c { a: file("../secret.txt"), b: file("/etc/passwd"), d: file("./none.txt") }',
      "../secret.txt": "x",
    };
    expect(messages(evaluateFiles(files))).toEqual([
      "KD2482 `../secret.txt` lies outside of the project",
      "KD2214 cannot take in the file `/etc/passwd`: the path is not relative to this file",
      "KD2214 cannot take in the file `./none.txt`: there is no such file that can be read",
    ]);
  });

  test("names that JavaScript's objects have are names like others", () => {
    const text =
      'let r = { __proto__: 1, constructor: 2, toString: 3 }\nconfig c { a: "{r.constructor}{r["__proto__"]}", toString: "x" }\nrc web { constructor: 1, pod { hasOwnProperty: 2, container c { image: "c" } } }';
    expect(messages(evaluateText(text))).toEqual([
      "KD2102 `rc` has no field `constructor`",
      "KD2102 `pod` has no field `hasOwnProperty`",
    ]);
  });
});

describe("templates and policies are bounded", () => {
  const letters = [..."abcdefghij"];
  const pod = 'template T0() { pod p { container c { image: "x:1" } } }';
  const level = (index: number, uses: readonly string[]) =>
    `template T${index}() { ${uses.map((name) => `T${index - 1} ${name} { }`).join(", ")} }`;
  const levels = (count: number, uses: readonly string[]) =>
    [pod, ...Array.from({ length: count }, (_, index) => level(index + 1, uses))].join("\n");

  test("ten templates that each use the one before ten times", () => {
    expect(codes(`${levels(10, letters)}\nT10 all { }`)).toEqual(["KD2402"]);
  });

  test("families of uses in families of uses", () => {
    const family = ["x[i in 1..1000]"];
    expect(codes(`${levels(3, family)}\nT3 all { }`)).toEqual(["KD2205"]);
  });

  test("a long chain of templates", () => {
    expect(codes(`${levels(5_000, ["a"])}\nT5000 all { }`)).toEqual(["KD2205"]);
  });

  test("a policy that goes through everything for everything", () => {
    const policy = 'policy "p" on pod p { for a in 1..100000 { for b in 1..100000 { require a + b > 0 } } }';
    expect(codes(`${pod}\n${policy}\nT0 all { }`)).toEqual(["KD2205"]);
  });
});
