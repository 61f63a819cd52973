import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from "node:http";
import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type ProxyOptions } from "vite";
import { licences } from "./build/licences.ts";

const SERVER = process.env.ADMINT_DEV_SERVER ?? "http://127.0.0.1:8000";

/**
 * Hands a path on as the server's own page would ask: the server refuses what another origin sends. Only what this dev
 * server's own page sent is handed on so; any other page's request keeps its origin, and is refused.
 */
function handedOn(ws = false): ProxyOptions {
  const target = new URL(SERVER).origin;
  const own = (headers: IncomingHttpHeaders) => headers.origin === `http://${headers.host}`;
  return {
    target,
    ws,
    changeOrigin: true,
    configure: (proxy) => {
      const passed = (asked: ClientRequest, { headers }: IncomingMessage) => {
        if (own(headers)) asked.setHeader("origin", target);
      };
      proxy.on("proxyReq", passed);
      proxy.on("proxyReqWs", passed);
    },
  };
}

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
      "/api": handedOn(),
      "/media": handedOn(),
      "/health": handedOn(),
      "/ws": handedOn(true),
    },
  },
});
