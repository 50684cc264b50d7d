import { posix } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Compilation, compile } from "../../compiler/compile.ts";
import { renderDiagnostics } from "../../compiler/diagnostics/render.ts";
import { canonicalText } from "../../compiler/plan/canonical.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";
import type { SourceFile } from "../../compiler/source/source.ts";
import { TreeBuilder } from "../../compiler/syntax/build.ts";
import { type Parsed, parse } from "../../compiler/syntax/parse.ts";
import { runs } from "../runs.ts";

/** Declarations that are written alike are worked out together, and are to be what each is by itself: with a policy, nothing is shared. */
const policy = '\npolicy "nothing" on namespace unasked { require true }\n';

const files = { "data.txt": "some text", "other.txt": "other text" };

/** Reads each declaration by itself, whatever it is like. */
class ByRules extends TreeBuilder {
  override likenessOf(): undefined {
    return undefined;
  }
}
const byRules = (file: SourceFile) => parse(file, new ByRules());

const compileText = (text: string, read: (file: SourceFile) => Parsed = parse): Compilation =>
  compile({
    parse: (file) => read(file),
    fileSystem: memoryFileSystem({ ...files, "main.kdsl": text }),
    path: "main.kdsl",
    resolvePath: (from, path) => posix.resolve("/project", posix.dirname(from), path),
  });

function result({ plan, diagnostics }: Compilation) {
  const { hash: _, sources, ...rest } = plan ?? { hash: "", sources: [] };
  const shown = { ...rest, sources: sources.map(({ path }) => path) };
  return { plan: canonicalText(shown, 1), diagnostics: renderDiagnostics(diagnostics, { color: false }) };
}

function expectSame(text: string): void {
  const found = result(compileText(text));
  expect(found).toEqual(result(compileText(text, byRules)));
  expect(found).toEqual(result(compileText(text + policy, byRules)));
}

/** For each place in a declaration, what may stand there: much of it is the same for most, some is wrong. */
const places = {
  replicas: ["", "replicas: 2", "replicas: 3", "replicas: many", "replicas: -1"],
  labels: ["", 'labels: { tier: "web" }', 'labels: { tier: "db" }', 'labels: { tier: "neither" }'],
  identity: ['identity: { app: "NAME" }', 'identity: { app: "NAME", tier: "web" }', "identity: {}"],
  volume: ["", "volume v: emptyDir", "volume v: emptyDir(64Mi)", "volume v: config(data)"],
  image: ['image: "a:1"', 'image: "b:2"', 'image: "{prefix}/c:3"', "image: none", 'image: "Not An Image"'],
  port: ["port http: 80", "port http: 8080", "port web: 80", "port http: 80\n      port other: 81", ""],
  env: [
    "",
    'env: { A: "1" }',
    'env: { A: "2" }',
    'env: { A: "1", B: host0.host }',
    "env: { A: host0.ports.http }",
    "env: { ...common }",
    "env: common",
    "env: { A: data.key }",
  ],
  requests: [
    "",
    "requests: { cpu: 100m }",
    "requests: { cpu: 0.1, memory: 64Mi }",
    "requests: { cpu: 1, memory: 64Mi }",
  ],
  command: ["", 'command: ["run"]', 'command: ["run", "fast"]', 'command: ["run", "{prefix}"]'],
  mount: ["", 'mount v at "/v"', 'mount v at "/w"', 'mount v at "/w" readonly'],
  local: [
    "",
    'local { directory: ".", command: ["node", "a.mjs"] }',
    'local { directory: "./b", command: ["node"] }',
  ],
  condition: ["", "", 'if many > 2 { args: ["x"] }'],
};

const pod = fc.record(
  Object.fromEntries(
    Object.entries(places).map(([place, texts]) => [
      place,
      // The first two are likelier, so that most declarations are alike.
      fc.oneof(
        { arbitrary: fc.constantFrom(...texts.slice(0, 2)), weight: 5 },
        { arbitrary: fc.constantFrom(...texts), weight: 1 },
      ),
    ]),
  ) as Record<keyof typeof places, fc.Arbitrary<string>>,
);

/** One declaration; comments and blanks move what stands after them. */
const rc = (index: number, of: Record<keyof typeof places, string>, comment: string, alias: boolean) => `
rc ${alias ? `"pod-${index}" as pod${index}` : `pod${index}`} { ${comment}
  ${of.replicas}
  ${of.labels}
  pod {
    ${of.identity.replace("NAME", `pod-${index}`)}
    ${of.volume}
    container main {
      ${of.image}  ${comment}
      ${of.port}
      ${of.env}
      ${of.requests}
      ${of.command}
      ${of.condition}
      ${of.volume === "" ? "" : of.mount}
      ${of.local}
    }
  }
}
service ${index === 0 ? "host0" : `host${index}`} {
  select: pod${index}
  port http: ${80 + index} -> ${of.port.startsWith("port http") ? "http" : "80"}
}`;

const head = `
label app
label tier: "web" | "db"
let many = 3
let prefix = "shop"
let common = { A: "1", C: "3" }
config data { key: "value" }
`;

test("declarations that are written alike are what each is by itself", () => {
  const one = fc.tuple(
    pod,
    fc.constantFrom("", "// a comment", "// a longer comment\n  // in two lines"),
    fc.boolean(),
  );
  fc.assert(
    fc.property(fc.array(one, { minLength: 2, maxLength: 7 }), (all) => {
      expectSame(head + all.map(([of, comment, alias], index) => rc(index, of, comment, alias)).join("\n"));
    }),
    runs(150),
  );
});

/** In place of `?`: mostly one literal or another of the kind that is wanted, now and then any. */
const forms: readonly (readonly [form: string, wanted: readonly string[]])[] = [
  ["replicas: ?", ["1", "2", "many", "0", "-1", "2.5"]],
  ["labels: { tier: ? }", ['"web"', '"db"', '"neither"', "prefix"]],
  ["volume v: config(?)", ["data", "other", "none", "host0", "unknown"]],
  ["volume v: emptyDir(?)", ["64Mi", "1Gi", "64", "2s"]],
  ["requests: { cpu: ?, memory: ? }", ["100m", "64Mi", "1", "0.5", "2Gi"]],
  ["env: { A: ?, B: ? }", ['"1"', '"2"', "prefix", "many", "host0.host", "true", "1"]],
  ["image: ?", ['"a:1"', '"b:2"', '"Not An Image"', "prefix", '"{prefix}/a:1"']],
  ["port http: ?", ["80", "8080", "99999", "0", '"80"']],
  ["mount v at ?", ['"/a"', '"/b"', '"relative"', "v"]],
  ["command: [?, ?]", ['"run"', '"fast"', "1", "prefix"]],
  ["grace: ?", ["5s", "2min", "3", "1h"]],
  ["args: [min(?, 2), ?]", ["1", "2", '"x"']],
  ["let local = ?\n", ["1", '"x"', "many", "prefix"]],
  ["args: [local, ?]", ['"x"', "local", "prefix"]],
  ["ready: http(?, path: ?)", ["http", '"/a"', '"/b"', "80", "unknown"]],
];
const alikeForm = fc.subarray(
  forms.map((_, index) => index),
  { minLength: 1, maxLength: 5 },
);

test("declarations of one form with other literals and names", () => {
  const value = fc.nat(99).map((drawn) => (drawn < 80 ? drawn % 2 : drawn % 7));
  const all = alikeForm.chain((chosen) =>
    fc.record({
      chosen: fc.constant(chosen),
      word: fc.constantFrom("rc", "rc", "pod"),
      values: fc.array(fc.array(value, { minLength: 10, maxLength: 10 }), { minLength: 2, maxLength: 7 }),
      selects: fc.array(fc.constantFrom("app0", "app1", "app2", "data", "nobody"), {
        minLength: 7,
        maxLength: 7,
      }),
    }),
  );
  const uses = "use std/probe { http }\n";
  fc.assert(
    fc.property(all, ({ chosen, word, values, selects }) => {
      const declarations = values.map((own, index) => {
        let at = 0;
        const write = (inPod: boolean) =>
          chosen
            .map((one) => forms[one]!)
            .filter(([form]) => /^(replicas|labels|volume|grace)/.test(form) === inPod)
            .map(([form, wanted]) =>
              form.replaceAll("?", () => wanted[own[at++ % own.length]! % wanted.length]!),
            );
        const outer = write(true);
        const identity = `identity: { app: "app-${index}" }`;
        const inner = ['image: "x:1"', ...write(false)].filter(
          (line, place, lines) =>
            !line.startsWith("image") || place === lines.findLastIndex((one) => one.startsWith("image")),
        );
        const container = `container main {\n${inner.join("\n")}\n}`;
        const replicas = outer.filter((line) => /^(replicas)/.test(line));
        const rest = outer.filter((line) => !/^(replicas)/.test(line));
        const pod = [identity, ...rest, container].join("\n");
        const block = word === "rc" ? `${replicas.join("\n")}\npod {\n${pod}\n}` : pod;
        return `${word} "app-${index}" as app${index} {\n${block}\n}\nservice s${index} { select: ${selects[index % 2]!}\nport http: ${80 + own[0]!} }\n`;
      });
      expectSame(`${uses}${head}config other { key: "x" }\n${declarations.join("\n")}`);
    }),
    runs(200),
  );
});

/** What a use of a template may give for each parameter, mostly one of two of the kind that is wanted. */
const given: readonly (readonly [form: string, wanted: readonly string[]])[] = [
  ["image: ?", ['"a:1"', '"b:2"', '"Not An Image"', "prefix", "many"]],
  ["copies: ?", ["1", "2", "7", "many", '"x"', "none"]],
  ["kind: ?", ['"web"', '"db"', '"neither"', "prefix"]],
  ["size: { cpu: ?, memory: 64Mi }", ["100m", "1", "0.5", "2Gi"]],
  ["size: { cpu: 100m, memory: ? }", ["64Mi", "1Gi", "100m", "none"]],
  ["sides: [{ name: ?, port: 81 }]", ['"a:1"', '"b:2"', "prefix", "many"]],
  ['sides: [{ name: "a:1", port: ? }, { name: "b:1", port: 85 }]', ["82", "83", "0", "prefix", "5s"]],
  ["texts: [?, ?]", ['"x"', '"y"', "prefix", "1", "many"]],
  ["either: { size: ? }", ["1", '"x"', "2", '"y"', "true"]],
  ["either: { depth: ? }", ["64Mi", "2s", "1Gi", "1"]],
  ["even: ?", ["2", "4", "3", "many"]],
  ["settings: ?", ["data", "other", "host0", "none", "unknown"]],
  ["settings: several[?]", ["0", "1", "5", '"x"', "many"]],
  ["more: { A: ?, B: ? }", ['"1"', '"2"', "1", "prefix", "data.key"]],
  ["more: { ...common }", [""]],
  ["beside: ?", ["true", "false", "many"]],
  ["wait: ?", ["5s", "2min", "none", "1"]],
];

const template = `
template App(
  image: Image = "x:1", copies: Int(0..3) = 1, kind: "web" | "db" = "web", size: Resources = { cpu: 100m },
  sides: [{ name: String, port: Int(1..65535) }] = [], texts: [String] = [], either: { size: Int | String } | { depth: Memory | Duration } = { size: 1 },
  even: Int where rem(it, 2) == 0 = 2, settings: Config = data, more: {[String]: EnvValue} = {}, beside: Bool = true, wait: Duration? = none,
) {
  rc self {
    replicas: copies
    labels: { tier: kind }
    pod {
      identity: { app: self.name }
      volume v: config(settings)
      container main {
        image: image
        args: texts
        requests: size
        env: { ...more, EVEN: even }
        mount v at "/v"
      }
      for place, side in sides { container side { image: side.name, port x: side.port } }
    }
  }
  if beside { service self { select: self, port http: 80 -> 80 } }
}
`;

test("uses of a template that are written alike are what each is by itself", () => {
  const value = fc.nat(199).map((drawn) => (drawn < 190 ? drawn % 2 : drawn % 7));
  const all = fc.record({
    chosen: fc.subarray(
      given.map((_, index) => index),
      { minLength: 1, maxLength: 6 },
    ),
    values: fc.array(fc.array(value, { minLength: 9, maxLength: 9 }), { minLength: 2, maxLength: 7 }),
    comment: fc.constantFrom("", "// a comment"),
    rest: fc.constantFrom(
      "",
      "service reader { select: app1, port http: 80 -> 80 }",
      "extend App app1 { copies: 2 }",
      "extend rc app1 { replicas: 3 }",
      "App family[i in 0..2] { copies: i }",
    ),
  });
  fc.assert(
    fc.property(all, ({ chosen, values, comment, rest }) => {
      const uses = values.map((own, index) => {
        let at = 0;
        const keys = new Set<string>();
        const lines = chosen.flatMap((one) => {
          const [form, wanted] = given[one]!;
          const key = form.slice(0, form.indexOf(":"));
          if (keys.has(key)) return [];
          keys.add(key);
          return form.replaceAll("?", () => wanted[own[at++ % own.length]! % wanted.length]!);
        });
        return `App ${index % 2 ? `"app-${index}" as ` : ""}app${index} { ${comment}\n${lines.join("\n")}\n}`;
      });
      const others =
        'config other { key: "x" }\nconfig several[i in 0..1] {}\nservice host0 { select: app0, port http: 80 -> 80 }';
      expectSame(`${head}${others}${template}${uses.join("\n")}\n${rest}\n`);
    }),
    runs(150),
  );
});

test("places are those of each declaration, also in what is only looked up later", () => {
  const base = {
    replicas: "replicas: 2",
    labels: "",
    identity: places.identity[0]!,
    volume: places.volume[1]!,
  };
  const rest = { image: places.image[0]!, port: "port http: 80", env: 'env: { A: "1" }', requests: "" };
  const last = { command: 'command: ["run"]', mount: 'mount v at "/v" readonly', local: "", condition: "" };
  const text = [0, 1, 2].map((index) => rc(index, { ...base, ...rest, ...last }, "", index === 1)).join("\n");
  const { plan } = compileText(head + text);
  for (const index of [0, 1, 2]) {
    const name = index === 1 ? "pod-1" : `pod${index}`;
    const places = plan!.provenance[`ReplicationController/default/${name}`]!;
    const start =
      `${head}${text}`
        .split("\n")
        .findIndex((line) => line.startsWith(`rc `) && line.includes(`pod${index} `)) + 1;
    expect(places[""]!.line).toBe(start);
    expect(places["spec.replicas"]!.line).toBe(start + 1);
    expect(places["spec.template.spec.containers[0].volumeMounts[0].mountPath"]!.line).toBe(start + 13);
  }
});

test("a mistake of the first is one in another that has the same, also where one between has none", () => {
  const one = (index: number, tier: string) =>
    `config c${index} {\n  labels: { tier: "${tier}" }\n  key: "${index}"\n}\n`;
  const text = `${head}${["neither", "web", "neither", "db", "web"].map((tier, index) => one(index, tier)).join("")}`;
  expectSame(text);
  expect(compileText(text).diagnostics.filter(({ severity }) => severity === "error")).toHaveLength(2);
});

test("config data and files are read for each by itself", () => {
  const config = (index: number, key: string, value: string) => `config c${index} { "${key}": ${value} }`;
  expectSame(
    [
      config(0, "a", '"1"'),
      config(1, "a", '"2"'),
      config(2, "a", 'file("./data.txt")'),
      config(3, "a", 'file("./other.txt")'),
      config(4, "b", '"1"'),
      config(5, "a", '"x\\ny"'),
      config(6, "a", "c0.name"),
    ].join("\n"),
  );
});
