import { defineConfig } from "vitest/config";
import { kubernetesTypes } from "./vite.kubernetes.ts";

export default defineConfig({
  plugins: [kubernetesTypes()],
  test: {
    include: ["test/**/*.test.ts"],
    pool: "threads",
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
