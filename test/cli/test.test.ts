import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createPlace, type Place } from "./world.ts";

/** `kdsl test`: what is asked of every cluster, and how the command answers. */

const file = (cpu: string) => `
use std/probe { http }
label app
node w[i in 1..3] { capacity: { cpu: 1, memory: 4Gi } }
rc web {
  replicas: 3
  pod {
    identity: { app: "web" }
    container server {
      image: "example/web:1"
      port http: 8080
      requests: { cpu: ${cpu}, memory: 128Mi }
      ready: http(http, path: "/")
    }
  }
}
service web {
  select: web
  port http: 80 -> http
}
`;

const manifests = `
apiVersion: v1
kind: ReplicationController
metadata: { name: web }
spec:
  replicas: 2
  selector: { app: web }
  template:
    metadata: { labels: { app: web } }
    spec:
      containers: [{ name: server, image: "example/web:1", ports: [{ containerPort: 8080 }] }]
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
`;

let place: Place;
let directory: string;
const at = (name: string) => join(directory, name);
const roomy = () => at("roomy.kdsl");
const tight = () => at("tight.kdsl");

beforeEach(() => {
  place = createPlace();
  directory = mkdtempSync(join(tmpdir(), "kdsl-test-"));
  writeFileSync(roomy(), file("200m"));
  writeFileSync(tight(), file("600m"));
  writeFileSync(at("web.yaml"), manifests);
});
afterEach(async () => {
  await place.close();
  rmSync(directory, { recursive: true, force: true });
});

test("a file without a scenario is asked what every cluster is asked, and it says so", async () => {
  const { out, code } = await place.kdsl("test", roomy());
  expect(code).toBe(0);
  expect(out).toContain("has no scenario of its own: it is asked what every cluster is asked");
  expect(out).toMatch(/^pass +it starts and converges +1 /m);
  expect(out).toMatch(/^pass +it survives the loss of any one node +3 /m);
  expect(out).toContain("serving(web) never below 66.7% (wanted > 0%)");
  expect(out).toMatch(/^2 scenarios: 2 passed; 4 runs, /m);
});

test("a failure is told with its line, its history, the state and the way to see it again", async () => {
  const { out, code } = await place.kdsl("test", tight());
  expect(code).toBe(1);
  expect(out).toMatch(
    /^error\[KD6003\]: scenario `it survives the loss of any one node` fails: it does not converge/m,
  );
  expect(out).toMatch(/^5│ rc web \{$/m);
  expect(out).toContain("rc web has 2 ready pods of 3");
  expect(out).toMatch(/▸ kill w-1$/m);
  expect(out).toMatch(/node w-1 is no longer Ready: Kubelet stopped posting node status$/m);
  expect(out).toMatch(/finds no node: 0\/3 nodes are available: .*2 Insufficient cpu$/m);
  expect(out).toMatch(/^ {2}rc web: 2 of 3 ready$/m);
  expect(out).toMatch(/^again: kdsl test \S+ --seed 1 --filter 'it survives the loss of any one node'$/m);
  expect(out).toMatch(/^2 scenarios: 1 passed, 1 failed; /m);
});

test("what it was called with is part of the way to see it again", async () => {
  writeFileSync(
    at("sized.kdsl"),
    `param copies: Int = 2\n${file("600m").replace("replicas: 3", "replicas: copies")}`,
  );
  const { out } = await place.kdsl("test", at("sized.kdsl"), "--set", "copies=3", "--instants", "1");
  expect(out).toMatch(/^again: kdsl test \S+ --set copies=3 --instants 1 --seed 1 --filter '/m);
});

test("it comes out the same each time, and writes no file", async () => {
  const before = readdirSync(directory);
  const first = await place.kdsl("test", tight());
  expect(await place.kdsl("test", tight())).toEqual(first);
  expect(readdirSync(directory)).toEqual(before);
});

test("Kubernetes YAML without nodes gets some to run on", async () => {
  const { out, code } = await place.kdsl("test", at("web.yaml"));
  expect(code).toBe(0);
  expect(out).toContain("declares no node: 3 of 16 CPUs and 64Gi stand in");
  expect(out).toMatch(/^2 scenarios: 2 passed/m);
});

test("several files are tested one after the other", async () => {
  const { out, code } = await place.kdsl("test", roomy(), tight());
  expect(code).toBe(1);
  expect(out).toMatch(/^4 scenarios: 3 passed, 1 failed; /m);
});

describe("for machines", () => {
  test("json", async () => {
    const { out, code } = await place.kdsl("test", tight(), "--format", "json");
    expect(code).toBe(1);
    const [{ scenarios }] = JSON.parse(out).files;
    expect(scenarios.map(({ verdict }: { verdict: string }) => verdict)).toEqual(["pass", "fail"]);
    const { failure } = scenarios[1];
    expect(failure.failure.kind).toBe("convergence");
    expect(failure.shrunk).toMatchObject({ picks: [], skip: [] });
    expect(failure.run.forks).toMatchObject([{ variable: "victim", options: ["w-1", "w-2", "w-3"] }]);
  });

  test("junit", async () => {
    const { out } = await place.kdsl("test", tight(), "--format", "junit");
    expect(out).toMatch(
      /^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites name="kdsl" tests="2" failures="1"/,
    );
    expect(out).toContain('<testcase name="it starts and converges"');
    expect(out).toMatch(/<failure message="it does not converge[^"]*">error\[KD6003\]/);
  });
});

describe("traces", () => {
  test("a failure is replayed from its trace, write by write", async () => {
    await place.kdsl("test", tight(), "--trace", at("trace.json"));
    expect(JSON.parse(readFileSync(at("trace.json"), "utf8"))).toMatchObject({
      format: "kdsl-trace",
      version: 1,
    });
    const { out, code } = await place.kdsl("test", tight(), "--replay", at("trace.json"));
    expect(code).toBe(1);
    expect(out).toMatch(/^error\[KD6003\]/);
    expect(out).toContain("the run is the same, write by write");
  });

  test.each([
    [
      "of another format",
      '{ "format": "kdsl-trace", "version": 2, "kdsl": "9.9.9" }',
      "it is a trace of format 2, written by kdsl 9.9.9",
    ],
    ["no trace", "{}", "it is no trace of kdsl test"],
    ["cut off", '{ "format": "kd', "it is no whole JSON"],
    ["empty", "null", "it is no trace of kdsl test"],
    [
      "damaged",
      '{ "format": "kdsl-trace", "version": 1, "instants": 0, "files": [{ "plan": "", "scenarios": [{ "failure": {} }] }] }',
      "it is damaged",
    ],
    [
      "damaged in its times",
      '{ "format": "kdsl-trace", "version": 1, "instants": 0, "files": [{ "plan": "", "scenarios": [{ "failure": { "run": { "hash": "" }, "found": { "picks": [], "skip": [], "times": {} }, "shrunk": { "picks": [], "skip": [], "times": null } } }] }] }',
      "it is damaged",
    ],
  ])("%s: one clear error", async (_, text, expected) => {
    writeFileSync(at("trace.json"), text);
    const { err, code } = await place.kdsl("test", tight(), "--replay", at("trace.json"));
    expect(code).toBe(1);
    expect(err).toContain(expected);
    expect(err).not.toMatch(/\n\s+at /);
  });

  test("a trace of another state of the file", async () => {
    await place.kdsl("test", tight(), "--trace", at("trace.json"));
    const { err } = await place.kdsl("test", roomy(), "--replay", at("trace.json"));
    expect(err).toContain("whose plan has changed since");
  });
});

describe("a file with scenarios", () => {
  const scenarios = `
scenario "one node can be lost" {
  settle within 30s
  for each victim in nodes {
    kill victim
    always ready(web) >= 2
    eventually ready(web) == 3 within 10min
  }
}

scenario "crashes are few" {
  settle within 30s
  at most 1 restarts(web) per 10min
  chaos during 1h { crash: 3 per 10min on pods(web) }
}
`;
  beforeEach(() => writeFileSync(at("shop.kdsl"), file("200m") + scenarios));

  test("runs its own alone, each choice of a fork, and says by how much what passes holds", async () => {
    const { out, code } = await place.kdsl("test", at("shop.kdsl"));
    expect(code).toBe(1);
    expect(out).not.toContain("what every cluster is asked");
    expect(out).toMatch(/^pass +one node can be lost +3 .*settled with 29\.9 s of 30 s to spare$/m);
    expect(out).toMatch(/line 26: ready\(web\) never below 2 \(wanted >= 2\)$/m);
    expect(out).toMatch(/line 27: held with .* of 10 min to spare$/m);
    expect(out).toMatch(
      /^error\[KD6001\]: scenario `crashes are few` fails: restarts\(web\) came to 2 within 10 min$/m,
    );
    expect(out).toMatch(/▸ chaos: crash web-\w{5} {2}\(.*shop\.kdsl:34\)$/m);
  });

  test("--filter and --seeds", async () => {
    const { out, code } = await place.kdsl("test", at("shop.kdsl"), "--filter", "ONE node", "--seeds", "3");
    expect(code).toBe(0);
    expect(out).toMatch(/^pass +one node can be lost +9 /m);
    expect(out).toMatch(/^1 scenario: 1 passed; 9 runs, /m);
  });

  test("--filter with the whole of a name means that one alone, though others have it as a part", async () => {
    const longer = 'scenario "one node can be lost in the night" { settle within 30s }\n';
    writeFileSync(at("shop.kdsl"), file("200m") + scenarios + longer);
    const { out } = await place.kdsl("test", at("shop.kdsl"), "--filter", "one node can be lost");
    expect(out).toMatch(/^1 scenario: 1 passed; /m);
    const both = await place.kdsl("test", at("shop.kdsl"), "--filter", "one node can be");
    expect(both.out).toMatch(/^2 scenarios: 2 passed; /m);
  });

  test("--instants tries each fault at several states, as long as states come by themselves", async () => {
    const { out } = await place.kdsl("test", at("shop.kdsl"), "--filter", "one", "--instants", "2");
    expect(out).toMatch(/^1 scenario: 1 passed; 3 runs, /m);
    const early = scenarios.replace("settle within 30s", "wait 1s\n  crash web.server");
    writeFileSync(at("shop.kdsl"), file("200m") + early.replace(">= 2", ">= 0"));
    const busy = await place.kdsl("test", at("shop.kdsl"), "--filter", "one", "--instants", "2");
    expect(busy.out).toMatch(/^1 scenario: 1 passed; 9 runs, /m);
  });

  test("a failure among many seeds is run into again by the command that it names, and by its trace", async () => {
    const flags = ["--filter", "few", "--seed", "5", "--trace", at("trace.json")];
    const { out } = await place.kdsl("test", at("shop.kdsl"), ...flags);
    const [, seed] = /^again: kdsl test \S+ --seed (\d+) --filter 'crashes are few'$/m.exec(out)!;
    const again = await place.kdsl("test", at("shop.kdsl"), "--seed", seed!, "--filter", "crashes are few");
    expect(again.out).toBe(out);
    const replayed = await place.kdsl("test", at("shop.kdsl"), "--replay", at("trace.json"));
    expect(replayed.out).toContain("the run is the same, write by write");
    expect(out.startsWith(replayed.out.slice(0, 500))).toBe(true);
  });

  test("what was found out before it was interrupted is told, in whatever format", async () => {
    const endless = `
scenario "endless" {
  settle within 30s
  chaos during 10000h { crash: 10 per 1h }
}

scenario "never begun" { settle within 30s }
`;
    writeFileSync(at("long.kdsl"), file("200m") + endless);
    for (const format of ["text", "json", "junit"]) {
      const before = process.listeners("SIGINT");
      const test = place.begin("test", at("long.kdsl"), "--time", "1h", "--format", format);
      const heard = () => process.listeners("SIGINT").filter((each) => !before.includes(each));
      while (heard().length === 0) await setImmediate();
      await setImmediate();
      for (const hear of heard()) hear("SIGINT");
      const { out, err, code } = await test.done;
      expect(code).toBe(130);
      expect(err).toBe("interrupted; 1 scenario was not begun\n");
      expect(out).toMatch(/it was interrupted at .* of a run/);
      expect(out).not.toContain("never begun");
      if (format === "json") expect(JSON.parse(out).files).toHaveLength(1);
    }
    expect(process.listeners("SIGINT").length).toBeLessThan(5);
  });

  test("no time is no verdict", async () => {
    const { out, code } = await place.kdsl("test", at("shop.kdsl"), "--filter", "one", "--time", "0s");
    expect(code).toBe(1);
    expect(out).toMatch(/^warning\[KD6010\]: scenario `one node can be lost` came to no end: /m);
    expect(out).toMatch(/^1 scenario: 1 inconclusive; /m);
  });
});

test.each([
  [["--seed", "many"], '--seed "many" is no whole number from 0 to 4294967295'],
  [["--seeds", "0"], '--seeds "0" is no whole number from 1 to 1000000'],
  [["--time", "soon"], '--time "soon" is not a time'],
  [["--format", "xml"], "--format xml: there are text, json, junit"],
  [["--filter", "zone"], 'there are "it starts and converges", "it survives the loss of any one node"'],
])("%j is one clear error with the way out", async (flags, expected) => {
  const { err, out, code } = await place.kdsl("test", roomy(), ...flags);
  expect(code).toBe(2);
  expect(out).toBe("");
  expect(err).toContain(expected);
});

test("a file with errors is not tested, an empty one neither", async () => {
  writeFileSync(at("wrong.kdsl"), "rc web {}");
  const wrong = await place.kdsl("test", at("wrong.kdsl"));
  expect(wrong.code).toBe(1);
  expect(wrong.err).toMatch(/error\[KD/);
  writeFileSync(at("empty.kdsl"), "");
  const empty = await place.kdsl("test", at("empty.kdsl"));
  expect(empty.code).toBe(1);
  expect(empty.err).toContain("declares nothing that could be tested");
});
