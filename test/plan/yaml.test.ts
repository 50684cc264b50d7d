import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { emitYaml, yamlDocument } from "../../compiler/emit/yaml.ts";
import { runs } from "../runs.ts";
import { block, container, handle, lowered, number, text } from "./builders.ts";

fc.configureGlobal({ seed: 1 });

/** Read back by both versions of YAML: Kubernetes' own reader takes `yes` and `0o7` as 1.1 and 1.2 each do. */
function readBack(value: unknown): unknown[] {
  const text = yamlDocument(value);
  return (["1.1", "1.2"] as const).map((version) => parse(text, { version, merge: version === "1.1" }));
}

const tricky = [
  "",
  " ",
  "~",
  "null",
  "Null",
  "yes",
  "No",
  "y",
  "on",
  "off",
  "true",
  "FALSE",
  "1",
  "-1",
  "+1",
  "1.5",
  ".5",
  "1.",
  "1e3",
  "1E3",
  "12e03",
  "0x1f",
  "0o17",
  "017",
  "0b11",
  "1_000",
  "1:30",
  "12:30:45",
  "190:20:30.15",
  ".inf",
  "-.INF",
  ".nan",
  "2001-01-01",
  "2001-12-14t21:59:43.10-05:00",
  "2001-12-14 21:59:43",
  "<<",
  "=",
  "-",
  "- a",
  "-a",
  "--- a",
  "...",
  "?",
  "? a",
  ":",
  ": a",
  "a: b",
  "a:",
  "a:b",
  "a #b",
  "#a",
  "a#b",
  "[a]",
  "{a}",
  "&a",
  "*a",
  "!a",
  "!!str a",
  "|",
  ">",
  "'a'",
  '"a"',
  "%a",
  "@a",
  "`a`",
  ",a",
  "a,b",
  "{{ x }}",
  "$(HOME)",
  " a",
  "a ",
  "\ta",
  "a\tb",
  "a\nb",
  "a\n",
  "a\n\n",
  "\na",
  "\n",
  "\n\n",
  "  a\nb",
  "a \nb",
  "a\n ",
  "a\n b\nc",
  "a\r\nb",
  "a\rb",
  "\u0000",
  "\u0007",
  "\u007f",
  "\u0085",
  "a\u2028b",
  "\u2029",
  "\ufeff",
  "é",
  "😀",
  "\ud800",
  "a\\b",
  'a"b\\n',
  "a\n\tb",
  "\t\n",
  "e",
  "E5",
  "-e1",
  "0.0.0.0",
  "1.2.3",
  "10.0.0.1",
  "a\n#b",
  "a\n---\nb",
  "a\n...\n",
  "abc\n\u0085x",
  "0d",
  "_",
  "__",
  "-_1",
  "+.5_",
  "a".repeat(2000),
  "x ".repeat(500),
];

describe("texts keep their type and their content", () => {
  test.each(tricky.map((text) => [JSON.stringify(text).slice(0, 40), text]))("%s", (_, text) => {
    for (const value of [
      { a: text },
      [text],
      { a: [{ b: text, c: 1 }] },
      { [text]: 1 },
      [[text]],
      { z: { y: text }, x: [] },
    ])
      for (const back of readBack(value)) expect(back).toEqual(value);
  });
});

const anyText = fc.oneof(
  fc.constantFrom(...tricky),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: "grapheme", maxLength: 8 }),
  fc.stringMatching(/^[-+.0-9a-fox_:eET ]{0,8}$/),
  fc.stringMatching(/^[ab \t\n#:-]{0,10}$/),
);

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    anyText,
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(
      anyText.filter((key) => key !== "__proto__" && key !== "<<"),
      tie("value"),
      { maxKeys: 4, noNullPrototype: true },
    ),
  ),
}));

test("any JSON reads back as itself", () => {
  fc.assert(
    fc.property(value, (json) => {
      for (const back of readBack(json)) expect(back).toEqual(json);
    }),
    runs(500),
  );
});

describe("manifests of a plan", () => {
  const login = handle("secret", "login", {
    fields: { password: { kind: "late", source: { from: "env", name: "PW" } } },
  });
  const manifests = (options = {}, ...objects: Parameters<typeof lowered>) =>
    emitYaml({ ...lowered(...objects).plan, hash: "" }, options);

  test("leave out nodes, and secrets unless their values are given, and say so", () => {
    const text = manifests({}, handle("node", "n"), login, handle("config", "c"));
    expect(parseAllDocuments(text).flatMap((document) => document.toJS()?.kind ?? [])).toEqual(["ConfigMap"]);
    expect(text).toContain("Node n: a real cluster has its own nodes");
    expect(text).toContain("password from the environment variable PW");
    const given = manifests({ secrets: { "Secret/default/login": { password: "yes" } } }, login);
    expect(parseAllDocuments(given)[0]!.toJS().stringData).toEqual({ password: "yes" });
  });

  test("a priority becomes a class, as Kubernetes demands", () => {
    const pod = handle("pod", "p", { fields: { priority: number(10) }, members: [container("main")] });
    const [priority, object] = parseAllDocuments(manifests({}, pod)).map((document) => document.toJS());
    expect(priority).toMatchObject({
      kind: "PriorityClass",
      metadata: { name: "kdsl-priority-10" },
      value: 10,
    });
    expect(object.spec.priorityClassName).toBe("kdsl-priority-10");
    expect(object.spec).not.toHaveProperty("priority");
  });

  test("never hold how a container runs from source", () => {
    const local = block("local", undefined, { fields: { directory: text("./secret-place") } });
    const pod = handle("pod", "p", { members: [container("main", {}, [local])] });
    expect(manifests({}, pod)).not.toContain("secret-place");
  });
});
