/** A Vite plugin: writes licences.txt with the licence of every package whose code or font is in the build. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

const MARK = "/node_modules/";

/** Folder of the package a module belongs to; null for our own modules. */
function packageOf(id: string): string | null {
  const at = id.lastIndexOf(MARK);
  if (at < 0) return null;
  const [scope = "", name = ""] = id.slice(at + MARK.length).split("/");
  return id.slice(0, at + MARK.length) + (scope.startsWith("@") ? `${scope}/${name}` : scope);
}

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Record<
    string,
    string
  >;
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  const text = file ? readFileSync(join(folder, file), "utf8").trim() : `Licence: ${license}`;
  return `${name} ${version} (${license})\n\n${text}\n`;
}

export function licences(): Plugin {
  const folders = new Set<string>();
  return {
    name: "licences",
    apply: "build",
    transform(_code, id) {
      const folder = packageOf(id.replace(/^\0/, "").split("?")[0] ?? "");
      if (folder && existsSync(join(folder, "package.json"))) folders.add(folder);
    },
    generateBundle() {
      // The font comes in through a style sheet, whose files are not modules.
      folders.add(dirname(new URL(import.meta.resolve("@fontsource-variable/inter/package.json")).pathname));
      const parts = [...folders].sort().map(licenceOf);
      this.emitFile({ type: "asset", fileName: "licences.txt", source: parts.join(`\n${"-".repeat(80)}\n\n`) });
    },
  };
}
