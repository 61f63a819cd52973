import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { licences } from "./build/licences.ts";

const SERVER = process.env.ADMINT_DEV_SERVER ?? "http://127.0.0.1:8000";

/** The build goes where the back end serves it from, and from where it ships inside the wheel. */
export default defineConfig({
  plugins: [react(), tailwindcss(), licences()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: "../backend/app/web",
    emptyOutDir: true,
    manifest: "manifest.json",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      "/api": SERVER,
      "/media": SERVER,
      "/health": SERVER,
      "/ws": { target: SERVER, ws: true },
    },
  },
});
