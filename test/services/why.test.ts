import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/compile.ts";
import { inspect } from "../../compiler/inspect.ts";
import { aliasesOf, findFields } from "../../compiler/services/find-fields.ts";
import { originOf } from "../../compiler/services/origins.ts";
import { memoryFileSystem } from "../../compiler/source/memory.ts";

/** Where values come from. `UPDATE=1` writes the expected text anew. */

const folder = join(import.meta.dirname, "../fixtures/services/why");
const read = (name: string) => readFileSync(join(folder, name), "utf8");
const fileSystem = memoryFileSystem({ "main.kdsl": read("main.kdsl"), "sizes.kdsl": read("sizes.kdsl") });
const set = { stage: "prod" };
const { plan, diagnostics, files } = compile({
  fileSystem,
  path: "main.kdsl",
  set,
  resolvePath: (_, path) => path,
});
const { checked } = inspect({ fileSystem, path: "main.kdsl" });

function links(path: string): string {
  const [field] = findFields(plan!, path);
  const given = { checked, plan: plan!, files, set: new Set(Object.keys(set)) };
  const origin = originOf(given, field!.key, field!.path);
  return origin.links
    .map(({ place, text, note, depth }) => {
      const where = `${"  ".repeat(depth)}${place.file}:${place.line}:${place.column}`;
      return `${where} ${text}${note === undefined ? "" : ` (${note})`}\n`;
    })
    .join("");
}

test("every link of the way is told", () => {
  expect(diagnostics).toEqual([]);
  const paths = [
    "web.replicas",
    "web.server.requests.memory",
    "web.server.env.LOG.value",
    "web.server.env.STORE.value",
    "store-b.labels.shard",
    "store-a.image",
    "service.web.type",
    "service.web.ports.http.protocol",
    "rc.pages.replicas",
    "rc.pages.server.requests.memory",
  ];
  const said = paths.map((path) => `${path}\n${links(path)}`).join("\n");
  const file = join(folder, "main.why");
  if (process.env.UPDATE === "1") writeFileSync(file, said);
  expect(said).toBe(existsSync(file) ? readFileSync(file, "utf8") : "");
});

describe("a path means", () => {
  const shown = (path: string) => findFields(plan!, path).map((field) => `${field.key} ${field.path}`);
  const web = "ReplicationController/default/web";
  const server = "spec.template.spec.containers[0]";

  test.each([
    ["web.replicas", [`${web} spec.replicas`]],
    ["rc.web.spec.replicas", [`${web} spec.replicas`]],
    ["default.web.replicas", [`${web} spec.replicas`]],
    ["rc.web", [`${web} `]],
    ["web", [`${web} `, "Service/default/web "]],
    ["web.server.image", [`${web} ${server}.image`]],
    ["web.ready.path", [`${web} ${server}.readinessProbe.httpGet.path`]],
    ["web.spec.template.spec.containers[0].image", [`${web} ${server}.image`]],
    ["web.nothing", []],
    ["nobody.replicas", []],
  ])("%s", (path, expected) => {
    expect([...shown(path)].sort()).toEqual([...expected].sort());
  });
});

describe("what is asked about as the file writes it", () => {
  const text = `label app
label tier
param stage: "dev" | "prod" = "dev"
let limits = { cpu: 500m, memory: 64Mi }
namespace "shop-{stage}" as shop {
  secret login { password: env("PASSWORD") }
  config settings { "nginx.conf": "x" }
  rc "3web" as web {
    pod {
      identity: { app: "web" }
      volume conf: config(settings)
      container server {
        image: "web:1"
        requests: limits
        env: { PASSWORD: login.password }
        mount conf at "/conf"
      }
    }
  }
}
`;
  const fileSystem = memoryFileSystem({ "main.kdsl": text });
  const { plan, files } = compile({ fileSystem, path: "main.kdsl", resolvePath: (_, path) => path });
  const { checked } = inspect({ fileSystem, path: "main.kdsl" });
  const asked = (path: string) => {
    const found = findFields(plan!, path, aliasesOf(plan!, files));
    const [field] = found;
    if (!field || found.length > 1) return [`${found.length} fields`];
    const { links, around } = originOf(
      { checked, plan: plan!, files, set: new Set() },
      field.key,
      field.path,
    );
    return [...(around === undefined ? [] : [`around ${around}`]), ...links.map(({ text }) => text)];
  };

  test.each([
    ["an alias, of a namespace with a computed name too", "shop.web.server.image", ['image: "web:1"']],
    ["a secret's source", "shop.login.password", ['secret login { password: env("PASSWORD") }']],
    ["a key with a dot in it", "settings.nginx.conf", ['config settings { "nginx.conf": "x" }']],
    ["an identity", "web.identity.app", ['identity: { app: "web" }']],
    ["a list, by its items", "web.server.mount", ['mount conf at "/conf"']],
    [
      "a record that is taken from elsewhere",
      "web.server.requests.cpu",
      ["requests: limits", "let limits = { cpu: 500m, memory: 64Mi }"],
    ],
  ])("%s", (_, path, said) => expect(asked(path)).toEqual(said));
});
