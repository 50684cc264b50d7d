import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { readParameters, readSetting } from "../../compiler/import/parameters.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";

/** `--params FILE`, and `--set` of lists and records. */

const file = `type Size = { cpu: Cpu, memory?: Memory }
param copies: Int(1..9) = 1
param stage: "dev" | "prod" = "dev"
param version: String = "1"
param sizes: {[String]: Size} = {}
param size: Size = { cpu: 1 }
param hosts: [String] = []
param grace: Duration? = 5s
config all {
  a: "{copies} {stage} {version} {length(sizes)} {millicores(size.cpu)} {length(hosts)} {seconds(grace ?? 0s)}"
}
`;

function compiled(
  texts: readonly string[],
  options: { set?: Record<string, string>; sets?: Record<string, string> } = {},
) {
  const params = [
    ...texts.map((text, index) => readParameters({ path: `values-${index}.yaml`, text })),
    ...Object.entries(options.sets ?? {}).map(([name, text]) => readSetting(name, text)),
  ];
  const { plan, diagnostics } = compile({
    fileSystem: memoryFileSystem({ "main.kdsl": file }),
    path: "main.kdsl",
    resolvePath: (_, path) => path,
    params,
    ...(options.set ? { set: options.set } : {}),
  });
  const said = diagnostics.map(({ code, message, primary: { span } }) => {
    const line = span.file.text.slice(0, span.start).split("\n").length;
    return `${code} ${span.file.path}:${line} ${message}`;
  });
  return { params: plan?.params, said };
}

describe("a file of parameters", () => {
  test("gives values by the types of the parameters, in YAML and JSON", () => {
    const yaml = `# for production
copies: 3
stage: prod
version: 1.20
sizes:
  small: { cpu: 250m }
  large: { cpu: "2", memory: 4Gi }
hosts: [a, b]
grace: null
`;
    const { params, said } = compiled([yaml]);
    expect(said).toEqual([]);
    expect(params).toMatchObject({
      copies: 3,
      stage: "prod",
      version: "1.20",
      sizes: { small: { cpu: "250m" }, large: { cpu: "2", memory: "4Gi" } },
      hosts: ["a", "b"],
      grace: null,
    });
    const json = compiled(['{"copies": 3, "version": "1.20", "size": {"cpu": "500m"}}']);
    expect(json.said).toEqual([]);
    expect(json.params).toMatchObject({ copies: 3, version: "1.20", size: { cpu: "500m" } });
  });

  test("a later file wins, and --set over both", () => {
    const { params } = compiled(["copies: 2\nversion: a\n", "copies: 3\n"], { set: { version: "b" } });
    expect(params).toMatchObject({ copies: 3, version: "b" });
  });

  test.each([
    ["copeis: 3\n", "KD2207 values-0.yaml:1 no parameter `copeis` to set"],
    [
      "stage: prod\ncopies: 30\n",
      "KD2208 values-0.yaml:2 `30` is no value for parameter `copies`: expected Int(1..9)",
    ],
    ["size:\n  cpu: 1\n  mem: 1Gi\n", "KD2102 values-0.yaml:3 Size has no field `mem`"],
    [
      "- copies\n",
      "KD2455 values-0.yaml:1 a file of parameters cannot be read: it is no map from parameters to values",
    ],
    [
      "a: 1\n---\nb: 2\n",
      "KD2455 values-0.yaml:2 a file of parameters cannot be read: it holds more than one document",
    ],
    [
      "copies: *x\n",
      "KD2455 values-0.yaml:1 a file of parameters cannot be read: aliases are not followed here: write the value out",
    ],
    ["hosts: [a, b\n", undefined],
    ["size: [1]\n", "KD2208 values-0.yaml:1 `[1]` is no value for parameter `size`: expected Size"],
    [`size: ${"[".repeat(200)}`, undefined],
  ])("%j is refused", (text, expected) => {
    const { said } = compiled([text]);
    if (expected === undefined) expect(said.map((one) => one.slice(0, 6))).toEqual(["KD2455"]);
    else expect(said.slice(0, 1)).toEqual([expected]);
  });

  test("an empty one gives nothing", () => {
    expect(compiled([""]).said).toEqual([]);
    expect(compiled(["# nothing\n"]).said).toEqual([]);
  });
});

test("--set takes records and lists", () => {
  const { params, said } = compiled([], {
    sets: { size: "{ cpu: 2, memory: 1Gi }", hosts: "[x, 'y']", version: "[a-z" },
  });
  expect(said).toEqual([]);
  expect(params).toMatchObject({ size: { cpu: "2", memory: "1Gi" }, hosts: ["x", "y"], version: "[a-z" });
});
