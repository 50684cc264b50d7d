import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Script } from "node:vm";
import { defineConfig, type Plugin } from "vite";
import { chunkHead } from "./cli/loader.ts";
import metadata from "./package.json" with { type: "json" };
import { kubernetesTypes } from "./vite.kubernetes.ts";

/** The file name of the command's first chunk, known when the command is built. */
let program = "";

/** Text of one byte a character takes half the room and time. In literals, which is where others stand, an escape means the same. */
const ascii = (code: string) =>
  code.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** Makes each chunk of the command the function expression that `cli/loader.ts` calls. */
const chunksForLoader: Plugin = {
  name: "chunks-for-loader",
  sharedDuringBuild: true,
  renderChunk(code) {
    if (!code.includes("__KDSL_PROGRAM__")) return;
    return { code: code.replace("__KDSL_PROGRAM__", JSON.stringify(program)), map: null };
  },
  generateBundle(_, bundle) {
    if (this.environment.name !== "command") return;
    for (const chunk of Object.values(bundle)) {
      if (chunk.type !== "chunk") continue;
      if (chunk.isEntry) program = `./${chunk.fileName.slice("chunks/".length)}`;
      // As long as it was: the source map stays right.
      chunk.code = chunk.code.replace(now, (all, required, _, property = "") =>
        `${required}${property}`.padEnd(all.length),
      );
      if (chunk.code.includes("__NOW__"))
        throw new Error(`${chunk.fileName} waits for a module: see onFirstCall`);
      const comment = chunk.code.lastIndexOf("\n//# sourceMappingURL=");
      const end = comment < 0 ? chunk.code.length : comment;
      chunk.code = ascii(`${chunkHead}${chunk.code.slice(0, end)}\n})${chunk.code.slice(end)}`);
      new Script(chunk.code, { filename: chunk.fileName });
    }
  },
};

/** What libraries do at their start for no need of ours, and what to do instead. */
const leaner = [
  // For subcommands that are programs of their own, which kdsl has none of; loading it takes longer than all of commander.
  { file: "/commander/lib/command.js", from: "require('node:child_process')", to: "undefined" },
  // Each of the grammar's thousand productions is made by this; the same in the language's own words takes a tenth.
  {
    file: "/@chevrotain/gast/lib/src/model.js",
    from: "assign(this, pickBy(options, (v) => v !== undefined))",
    to: "for (const key in options) if (options[key] !== undefined) this[key] = options[key]",
  },
];
const leanLibraries: Plugin = {
  name: "lean-libraries",
  transform(code, id) {
    const rule = leaner.find(({ file }) => id.endsWith(file));
    if (!rule) return;
    if (!code.includes(rule.from)) throw new Error(`${rule.file} is not what it was: see vite.config.ts`);
    return { code: code.replaceAll(rule.from, rule.to), map: null };
  },
};

/** Modules that a file without mistakes has no need of; all that they export to others are functions. */
const seldom = [
  "grammar/thorough.ts",
  "grammar/foreign.ts",
  "compiler/syntax/problems.ts",
  "compiler/diagnostics/spellings.ts",
];
const isSeldom = (path: string) =>
  seldom.some((one) => path.endsWith(`/${one}`)) || /\/diagnostics\/catalog\/(?!entry)[\w-]+\.ts$/.test(path);

/**
 * Such a module is loaded when one of its functions is first called: others import a stand-in of it, and the chunk that
 * it goes into is required by the call. V8's cache of it is not read before either.
 */
const onFirstCall: Plugin = {
  name: "on-first-call",
  enforce: "pre",
  applyToEnvironment: ({ name }) => name === "command",
  async resolveId(source, importer, options) {
    if (source === "\0on-first-call") return source;
    if (importer === undefined || importer.startsWith("\0") || !source.endsWith(".ts")) return null;
    const resolved = await this.resolve(source, importer, { ...options, skipSelf: true });
    if (!resolved || !isSeldom(resolved.id) || isSeldom(importer)) return null;
    return { id: `\0on-first-call:${resolved.id}`, moduleSideEffects: false };
  },
  load(id) {
    if (id === "\0on-first-call") return late;
    if (!id.startsWith("\0on-first-call:")) return null;
    const path = id.slice("\0on-first-call:".length);
    const exported = readFileSync(path, "utf8").matchAll(
      /^export (?:async |function|const|class|let) ?(\w+)(.*)/gm,
    );
    const standIns = Array.from(exported, ([line, name, rest = ""]) => {
      if (!/^(?:\(| = \(| = entry)/.test(rest))
        throw new Error(`${path}: no function that can wait: ${line}`);
      return `export const ${name} = /* @__PURE__ */ late(load, "${name}");`;
    });
    const load = `const load = () => __NOW__(import(${JSON.stringify(path)}));`;
    return [`import { late } from "\0on-first-call";`, load, ...standIns].join("\n");
  },
};

/** Makes stand-ins, for all modules. Those of diagnostics have an `entry` in the catalog. */
const late = `export const late = (load, name) => {
  const standIn = (...all) => load()[name](...all);
  Object.defineProperty(standIn, "entry", { get: () => load()[name].entry });
  return standIn;
};`;

/** What the bundler makes of an `import()` waits; the loader's chunks can be had at once. */
const now =
  /__NOW__\(Promise\.resolve\(\)\.then\(\(\) ?=> ?(require\("[^"]*"\))\)(?:\.then\(\(?(\w+)\)? ?=> ?\2(\.\w+)\))?\)/g;

/** Runs the command, so that what it compiled is there for whoever starts it with this same Node. */
function fillCodeCache(directory: string): void {
  const cache = mkdtempSync(join(tmpdir(), "kdsl-build-"));
  const env = { ...process.env, XDG_CACHE_HOME: cache, NODE_OPTIONS: "" };
  const check = (path: string, expected: number) => {
    const { status, stderr } = spawnSync(process.execPath, [join(directory, "kdsl.cjs"), "check", path], {
      env,
    });
    if (status !== expected) throw new Error(`the command that was built does not work: ${stderr}`);
  };
  check("examples/shop", 0);
  // What is only loaded for mistakes, of writing and of meaning.
  for (const text of ["rc web { replicas: = 3 }", "rc web { replica: 3 }"]) {
    writeFileSync(join(cache, "mistaken.kdsl"), text);
    check(join(cache, "mistaken.kdsl"), 1);
  }
  const target = join(directory, "chunks/cache");
  mkdirSync(target);
  for (const name of readdirSync(join(cache, "kdsl")))
    writeFileSync(join(target, name), readFileSync(join(cache, "kdsl", name)));
  rmSync(cache, { recursive: true });
}

const external = [...builtinModules, /^node:/, "ts-morph", "@lydell/node-pty"];
const output = { minify: { mangle: false, compress: true, codegen: true } };

// The library is ES modules. The command is chunks for its own loader (cli/loader.ts): one for each command, so that
// `kdsl get` never loads the compiler and `kdsl check` never loads the runtime. Names stay as they are written:
// stack traces tell more, and with the code cache length costs nothing.
export default defineConfig({
  define: { __KDSL_VERSION__: JSON.stringify(metadata.version) },
  ssr: { noExternal: true },
  resolve: { noExternal: true },
  build: { target: "node20", outDir: "dist", emptyOutDir: false, sourcemap: true, ssr: true },
  environments: {
    command: {
      consumer: "server",
      resolve: { noExternal: true },
      build: {
        emptyOutDir: true,
        rollupOptions: {
          input: { program: "cli/program.ts" },
          external,
          output: {
            ...output,
            format: "cjs",
            // A script of the loader has no `import()`: what is not bundled is required.
            dynamicImportInCjs: false,
            entryFileNames: "chunks/[name]-[hash].cjs",
            chunkFileNames: "chunks/[name]-[hash].cjs",
          },
        },
      },
    },
    // Of CommonJS too: to load a program that is an ES module, Node first loads a dozen modules of its own.
    main: {
      consumer: "server",
      resolve: { noExternal: true },
      build: {
        rollupOptions: {
          input: { kdsl: "cli/main.ts" },
          external,
          output: { ...output, format: "cjs", entryFileNames: "[name].cjs" },
        },
      },
    },
    modules: {
      consumer: "server",
      resolve: { noExternal: true },
      build: {
        rollupOptions: {
          input: {
            index: "compiler/index.ts",
            simulator: "runtime/simulator/index.ts",
          },
          external,
          output: {
            ...output,
            format: "es",
            entryFileNames: "[name].mjs",
            chunkFileNames: "[name]-[hash].mjs",
          },
        },
      },
    },
  },
  plugins: [chunksForLoader, onFirstCall, leanLibraries, kubernetesTypes()],
  builder: {
    sharedConfigBuild: true,
    async buildApp(builder) {
      const { command, main, modules } = builder.environments;
      await builder.build(command!);
      await builder.build(main!);
      await builder.build(modules!);
      fillCodeCache(modules!.config.build.outDir);
    },
  },
});
