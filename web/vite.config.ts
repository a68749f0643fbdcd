import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
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
