import { afterEach, expect, test, vi } from "vitest";
import { explainCommand } from "../../cli/explain.ts";
import { allEntries } from "../../compiler/diagnostics/catalog/index.ts";
import { noticeCodes } from "../../runtime/host/check/notice.ts";

afterEach(() => vi.restoreAllMocks());

async function printed(code?: string): Promise<string> {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  await explainCommand(code);
  return lines.join("\n");
}

test("every code is explained, the compiler's and the driver's", async () => {
  for (const code of [...allEntries().map((entry) => entry.code), ...Object.keys(noticeCodes)])
    expect(await printed(code)).toMatch(new RegExp(`^\\w+\\[${code}\\]: .+\\n[\\s\\S]*The way out: .`));
});

test("an example shows a file, what is said to it, and what mends it", async () => {
  const text = await printed("KD3102");
  expect(text).toMatch(/For example:\n\n {4}label app/);
  expect(text).toMatch(/Then kdsl says:\n\n {4}error\[KD3102\]: /);
  expect(text).toMatch(/Corrected:\n\n {4}- .*\n {4}\+ /);
  expect(await printed("KD3702")).toContain("Checked against:");
});

test("the words of scenarios are explained, and all of them together", async () => {
  expect(await printed("kill")).toMatch(/^A step of a scenario:\n\n {2}kill X\n\nA node dies/);
  expect(await printed("at most")).toMatch(/at most N E per D/);
  expect(await printed("for any")).toContain("The same for each choice of N");
  expect(await printed("serving(web)")).toMatch(/^An observation in a scenario:/);
  // A field of containers, too.
  expect(await printed("ready")).toMatch(/container[\s\S]*An observation in a scenario:\n\n {2}ready\(x\)/);
  const all = await printed("scenario");
  for (const word of ["settle within D", "eventually E within D", "repeat N", "pending", "converges: …"])
    expect(all).toContain(word);
  expect(await refused("evntually")).toMatchObject({ help: "did you mean `eventually`?" });
});

test("letter case and `KD` are optional", async () => {
  expect(await printed("kd2103")).toBe(await printed("KD2103"));
  expect(await printed("2103")).toBe(await printed("KD2103"));
});

test("without a code all are listed in order, each once", async () => {
  const codes = (await printed()).split("\n").map((line) => line.slice(0, 6));
  expect(codes).toEqual([...new Set(codes)].sort());
  expect(codes).toHaveLength(allEntries().length + Object.keys(noticeCodes).length);
});

test("a code that does not exist is an error that names those that look like it", async () => {
  expect(await refused("KD2130")).toMatchObject({ exitCode: 1, help: expect.stringContaining("KD21") });
});

async function refused(query: string): Promise<unknown> {
  try {
    await explainCommand(query);
  } catch (error) {
    return error;
  }
  return undefined;
}

test("a field is explained by its path in the language and in Kubernetes", async () => {
  const ready = await printed("rc.pod.container.ready");
  expect(ready).toMatch(/^rc\.pod\.container\.ready: Probe\n/);
  expect(ready).toContain(
    "In Kubernetes: ReplicationController.spec.template.spec.containers[].readinessProbe",
  );
  expect(ready).toContain("Kubernetes says: Periodic probe");
  expect(await printed("pod.spec.containers.livenessProbe")).toMatch(/^pod\.container\.live: Probe\n/);
  expect(await printed("po.spec.containers[0].livenessProbe")).toBe(await printed("pod.container.live"));
  expect(await printed("volume.nfs.server")).toContain("In Kubernetes: Pod.spec.volumes[].nfs.server");
  expect(await printed("container.local.watch")).toContain("no part of the Kubernetes object");
});

test("a field without a place is explained with the reason", async () => {
  expect(await printed("pod.status.phase")).toContain("the cluster writes it");
  expect(await printed("pod.spec.ephemeralContainers")).toContain("never declared");
});

test("a field that does not exist is an error that names the nearest", async () => {
  expect(await refused("container.redy")).toMatchObject({
    exitCode: 1,
    help: "did you mean `container.ready`?",
  });
  const unknown = await refused("securityContext.runAsUsr");
  expect(unknown).toMatchObject({ help: "did you mean `securityContext.runAsUser`?" });
  expect(await refused("qqqqqqqq")).toMatchObject({
    exitCode: 1,
    help: expect.stringContaining("path of a field"),
  });
});
