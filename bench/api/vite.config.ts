import { join } from "node:path";
import { defineConfig } from "vite";
import { kubernetesTypes } from "../../vite.kubernetes.ts";

/** The bench as one program; the schema that the API publishes is made as for the command. */
export default defineConfig({
  plugins: [kubernetesTypes()],
  build: {
    ssr: join(import.meta.dirname, "main.ts"),
    minify: false,
    rollupOptions: { output: { entryFileNames: "main.mjs" } },
  },
});
