import { readFileSync } from "node:fs";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Adds Scalar's browser bundle, which draws the API reference at `/api/v1/docs`. */
function scalar(): Plugin {
  return {
    name: "scalar",
    generateBundle() {
      const bundle = "../node_modules/@scalar/api-reference/dist/browser/standalone.js";
      const source = readFileSync(new URL(bundle, import.meta.url));
      this.emitFile({ type: "asset", fileName: "scalar.js", source });
    },
  };
}

export default defineConfig({
  plugins: [react(), scalar()],
  build: {
    outDir: "../dist/web",
    emptyOutDir: true,
    // The content security policy allows this origin alone: nothing is inlined as a data: address.
    assetsInlineLimit: 0,
  },
  // `npx vite web` serves the sources against a running system.
  server: { proxy: { "/api": "http://localhost:8787" } },
  test: { name: "web", environment: "node", include: ["src/**/*.test.ts"] },
});
