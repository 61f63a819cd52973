/** Keys of the conversation: j and k walk the scenes, e edits, r rewrites. */
import { useMemo } from "react";
import { useShortcuts, type ShortcutMap } from "@/services/shortcuts";
import type { Generation } from "@/store/model";

export function usePipelineShortcuts(generation: Generation | null): void {
  const present = generation !== null;
  const shortcuts = useMemo<ShortcutMap>(
    () =>
      present
        ? {
            next: () => walk(1),
            previous: () => walk(-1),
            edit: () => act("edit"),
            regenerate: () => act("regenerate"),
            play: () => document.querySelector<HTMLElement>("[data-play]")?.click(),
          }
        : {},
    [present],
  );
  useShortcuts(shortcuts);
}

function rows(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>("[data-scene]")];
}

function walk(step: 1 | -1): void {
  const all = rows();
  const at = all.findIndex((row) => row.contains(document.activeElement));
  const next = at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + step));
  all[next]?.focus();
  all[next]?.scrollIntoView({ block: "nearest" });
}

function act(what: "edit" | "regenerate"): void {
  const row = rows().find((each) => each.contains(document.activeElement));
  row?.querySelector<HTMLElement>(`[data-act="${what}"]`)?.click();
}
