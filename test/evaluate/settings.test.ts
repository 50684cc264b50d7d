import { describe, expect, test } from "vitest";
import { dumpValue } from "../../compiler/evaluate/dump.ts";
import { evaluateText, formatDiagnostic, messages } from "./support.ts";

const file = `
param copies: Int(1..50) = 3
param stage: "dev" | "prod" = "dev"
param memory: Memory = 64Mi
param cpu: Cpu = 1
param grace: Duration?
param hosts: [String] = []
param debug = false
param name: String(r"[a-z]+") = "shop"
config all {
  a: "{copies}{stage}{mebibytes(memory)}{millicores(cpu)}{seconds(grace ?? 0s)}{length(hosts)}{debug}{name}"
}
`;

const set = (values: Record<string, string>) => evaluateText(file, values);
const valueSet = (values: Record<string, string>, name: string) =>
  dumpValue(set(values).program.params.get(name)!);

describe("values given with --set", () => {
  test.each([
    ["copies", "50", "50"],
    ["stage", "prod", '"prod"'],
    ["memory", "1.5Gi", "1536Mi"],
    ["cpu", "250m", "250m cpu"],
    ["cpu", "2", "2 cpu"],
    ["grace", "90s", "90s"],
    ["grace", "none", "none"],
    ["hosts", "a, b", '["a", "b"]'],
    ["debug", "true", "true"],
    ["name", "web", '"web"'],
  ])("%s=%s is %s", (name, text, expected) => {
    expect(messages(set({ [name]: text }))).toEqual([]);
    expect(valueSet({ [name]: text }, name)).toBe(expected);
  });

  test.each([
    ["copies", "51", "KD2208 `51` is no value for parameter `copies`: expected Int(1..50)"],
    ["copies", "many", "KD2208 `many` is no value for parameter `copies`: expected Int(1..50)"],
    ["copies", "1.5", "KD2208 `1.5` is no value for parameter `copies`: expected Int(1..50)"],
    ["stage", "test", 'KD2208 `test` is no value for parameter `stage`: expected "dev" | "prod"'],
    ["memory", "512", "KD2208 `512` is no value for parameter `memory`: expected Memory (such as `64Mi`)"],
    ["memory", "400m", "KD2208 `400m` is no value for parameter `memory`: expected Memory (such as `64Mi`)"],
    ["name", "Web", 'KD2208 `Web` is no value for parameter `name`: expected String(r"[a-z]+")'],
    ["copeis", "3", "KD2207 no parameter `copeis` to set"],
    ["__proto__x", "3", "KD2207 no parameter `__proto__x` to set"],
  ])("%s=%s is refused", (name, text, expected) => {
    expect(messages(set({ [name]: text }))).toEqual([expected]);
  });

  test("a slip in a name is answered with the nearest one", () => {
    expect(formatDiagnostic(set({ copeis: "3" }).diagnostics[0]!)).toContain("did you mean `copies`?");
  });

  test("a parameter without a default has to be given", () => {
    const open = 'param tag: String\nconfig c { tag: "{tag}" }';
    expect(messages(evaluateText(open))).toEqual(["KD2206 parameter `tag` (String) has no value"]);
    expect(messages(evaluateText(open, { tag: "1" }))).toEqual([]);
  });
});
