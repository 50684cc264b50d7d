import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { canonicalPlan } from "../../compiler/plan/canonical.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";
import type { Pod, ReplicationController } from "../../model/core.ts";
import { runs } from "../runs.ts";
import { formatDiagnostic } from "./support.ts";

const base = `label app
param copies: Int(1..9) = 1
rc web {
  replicas: copies
  pod {
    identity: { app: "web" }
    volume cache: emptyDir
    container server {
      image: "shop/web:1"
      port http: 80
      env: { A: "base", B: "base", C: "base" }
      mount cache at "/cache"
    }
    container log { image: "shop/log:1" }
  }
}
`;

function compiled(text: string, options: { profile?: string; set?: Record<string, string> } = {}) {
  return compile({
    fileSystem: memoryFileSystem({ "main.kdsl": text }),
    path: "main.kdsl",
    resolvePath: (_, path) => path,
    ...options,
  });
}

function web(text: string, options: { profile?: string; set?: Record<string, string> } = {}) {
  const { plan, diagnostics } = compiled(text, options);
  expect(diagnostics.filter(({ severity }) => severity === "error").map(formatDiagnostic)).toEqual([]);
  const rc = plan!.objects.find(({ kind }) => kind === "ReplicationController") as ReplicationController;
  const pod = rc.spec.template as Pod;
  const env = Object.fromEntries((pod.spec.containers[0]!.env ?? []).map(({ name, value }) => [name, value]));
  return { replicas: rc.spec.replicas, containers: pod.spec.containers, env, pod };
}

describe("what is stronger wins", () => {
  const env = (entries: string) => `rc web { pod { container server { env: { ${entries} } } } }`;
  const text = `${base}
extend ${env('B: "extend", C: "extend"')}
profile p { copies: 3, extend ${env('C: "profile"')} }
`;

  test("a declaration, `extend`, a profile, the command line", () => {
    expect(web(text).env).toEqual({ A: "base", B: "extend", C: "extend" });
    expect(web(text, { profile: "p" }).env).toEqual({ A: "base", B: "extend", C: "profile" });
    expect(web(text).replicas).toBe(1);
    expect(web(text, { profile: "p" }).replicas).toBe(3);
    expect(web(text, { profile: "p", set: { copies: "5" } }).replicas).toBe(5);
  });

  test("lists are replaced, `none` takes away, a handler takes the other's place", () => {
    const { containers } = web(
      `${base}
extend rc web { pod { container server {
  env: { A: none }
  command: ["one"]
  ready: { httpGet: { port: 80 }, periodSeconds: 3s }
} } }
profile p { extend rc web { pod { container server { command: ["two"], ready: { tcpSocket: { port: 80 } } } } } }
`,
      { profile: "p" },
    );
    const [server] = containers;
    expect(server!.command).toEqual(["two"]);
    expect(server!.env!.map(({ name }) => name)).toEqual(["B", "C"]);
    expect(server!.readinessProbe).toMatchObject({ tcpSocket: { port: 80 }, periodSeconds: 3 });
    expect(server!.readinessProbe).not.toHaveProperty("httpGet");
  });

  test("a profile may drop what an `extend` adds, and add what it drops", () => {
    const both = `${base}
extend rc web { pod { drop container log, container side { image: "shop/side:1" } } }
profile p { extend rc web { pod { drop container side, container log { image: "shop/log:2" } } } }
`;
    expect(web(both).containers.map(({ name }) => name)).toEqual(["server", "side"]);
    expect(web(both, { profile: "p" }).containers.map(({ name, image }) => `${name} ${image}`)).toEqual([
      "server shop/web:1",
      "log shop/log:2",
    ]);
  });

  test("a volume that an `extend` adds can be mounted in it, also inside of a loop", () => {
    const { containers } = web(`${base}
extend rc web { pod {
  for x in ["a", "b"] {
    volume data: emptyDir
    container side { image: "shop/side:1", mount data at "/data" }
  }
  container server { mount data-a at "/data" }
} }
`);
    expect(
      containers.map(({ name, volumeMounts = [] }) => [name, ...volumeMounts.map((one) => one.name)]),
    ).toEqual([["server", "cache", "data-a"], ["log"], ["side-a", "data-a"], ["side-b", "data-b"]]);
  });
});

test("the order of declarations means nothing", () => {
  const parts = [
    base,
    'extend rc web { pod { container server { env: { A: "1" } } } }\n',
    "extend rc web { replicas: 2 }\n",
    "extend rc web { pod { drop container log } }\n",
    'extend rc web { pod { container server { env: { D: "1" }, port http: 81 } } }\n',
    'extend rc web { pod { container server { env: { F: "$(E)", C: "1" } } } }\n',
    'extend rc web { pod { container server { env: { E: "1" } } } }\n',
    'extend rc web { pod { container zebra { image: "shop/zebra:1" } } }\n',
    'extend rc web { pod { container ant { image: "shop/ant:1" } } }\n',
    'profile p { extend rc web { pod { container server { env: { A: "2" } } } } }\n',
  ];
  // What is written where stands in the plan too: only the objects have to be the same.
  const objects = (order: readonly string[]) => {
    const { plan } = compiled(order.join(""), { profile: "p" });
    return canonicalPlan({ ...plan!, provenance: {}, sources: [] });
  };
  const expected = objects(parts);
  fc.assert(
    fc.property(fc.shuffledSubarray(parts, { minLength: parts.length }), (order) => {
      const { hash: _, ...rest } = JSON.parse(objects(order));
      const { hash: __, ...wanted } = JSON.parse(expected);
      expect(rest.objects).toEqual(wanted.objects);
    }),
    runs(30),
  );
});

test("`--profile` with a slip in it is answered with the nearest", () => {
  const { diagnostics } = compiled(`${base}profile prod {}\n`, { profile: "prdo" });
  expect(diagnostics.map(formatDiagnostic).join("\n")).toContain("did you mean `prod`?");
});

test("a profile that is not chosen is checked all the same, and its asserts are not", () => {
  const { diagnostics } = compiled(`${base}
profile p { copies: "x", assert copies > 100 else "few", extend rc web { replica: 1 } }
`);
  expect(diagnostics.map(({ code }) => code)).toEqual(["KD2101", "KD2102"]);
  const asserting = `${base}profile p { assert copies > 100 else "few" }\n`;
  expect(compiled(asserting).diagnostics).toEqual([]);
  expect(compiled(asserting, { profile: "p" }).diagnostics.map(({ code }) => code)).toEqual(["KD2209"]);
});

test("`extend` of a use of a template reaches what it names `self`, and its parts", () => {
  const text = `label app
template Web(n: Int) {
  rc self {
    replicas: n
    pod { identity: { app: self.name }, container server { image: "x:1" }, container log { image: "log:1" } }
  }
  rc side { pod { identity: { app: "{self.name}-side" }, container server { image: "x:1" } } }
}
template Shop() { Web self { n: 2 } }
Web one { n: 1 }
Web many[i in 1..2] { n: 1 }
Shop shop {}
extend rc one { replicas: 4, pod { drop container log } }
extend rc one.side { replicas: 5 }
extend rc many { replicas: 6 }
extend rc shop { replicas: 7 }
profile busy { extend rc many[2] { replicas: 9 } }
`;
  const replicas = (profile?: string) => {
    const { plan, diagnostics } = compiled(text, profile === undefined ? {} : { profile });
    expect(diagnostics.filter(({ severity }) => severity === "error").map(formatDiagnostic)).toEqual([]);
    const rcs = plan!.objects.filter(({ kind }) => kind === "ReplicationController");
    return Object.fromEntries(
      (rcs as ReplicationController[]).map((rc) => [rc.metadata.name, rc.spec.replicas]),
    );
  };
  expect(replicas()).toMatchObject({ one: 4, "one-side": 5, "many-1": 6, "many-2": 6, shop: 7 });
  expect(replicas("busy")["many-2"]).toBe(9);
  const wrong = compiled(text.replace("drop container log", 'container nope { env: { X: "1" } }'));
  expect(wrong.diagnostics.map(({ code }) => code)).toContain("KD2103");
});
