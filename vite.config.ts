import { builtinModules } from "node:module";
import { defineConfig } from "vite";
import metadata from "./package.json" with { type: "json" };

// One entry for the command; each command that needs more than the argument parser is a chunk of its own,
// so that `kdsl get` never loads the compiler and `kdsl check` never loads the runtime.
export default defineConfig({
  define: { __KDSL_VERSION__: JSON.stringify(metadata.version) },
  ssr: { noExternal: true },
  build: {
    ssr: true,
    target: "node20",
    outDir: "dist",
    emptyOutDir: true,
    minify: true,
    sourcemap: true,
    rollupOptions: {
      input: { kdsl: "cli/main.ts", index: "compiler/index.ts" },
      external: [...builtinModules, /^node:/, "ts-morph"],
      output: { entryFileNames: "[name].mjs", chunkFileNames: "chunks/[name]-[hash].mjs", format: "es" },
    },
  },
});
