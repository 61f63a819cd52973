/**
 * Keys of the studio. Single keys work only while nobody types, and can be switched off (WCAG 2.1.4).
 * Tests: tests/services/test_shortcuts.test.tsx
 */
import { useEffect, useSyncExternalStore } from "react";

type Shortcut = "new" | "search" | "composer" | "next" | "previous" | "edit" | "regenerate" | "play" | "help";
export type ShortcutMap = Partial<Record<Shortcut, () => void>>;

const SINGLE: Record<string, Shortcut> = {
  "/": "composer",
  j: "next",
  k: "previous",
  e: "edit",
  r: "regenerate",
  " ": "play",
  "?": "help",
};
/** Which names the modifiers have here. */
export const MAC = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");
const OFF = "admint.singleKeysOff";
const listeners = new Set<() => void>();

/** What a key means; null for most of them, and for all behind a dialog. */
export function shortcutOf(event: KeyboardEvent, singleKeys: boolean): Shortcut | null {
  if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return null;
  const { key, altKey, ctrlKey, metaKey } = event;
  if (altKey || ctrlKey || metaKey) return withModifier(event);
  if (!singleKeys || busy(event.target, key)) return null;
  const shortcut = SINGLE[key] ?? null;
  // A key held down walks on; it does nothing else twice.
  return event.repeat && shortcut !== "next" && shortcut !== "previous" ? null : shortcut;
}

function withModifier({ key, code, altKey, ctrlKey, metaKey }: KeyboardEvent): Shortcut | null {
  const command = ctrlKey || metaKey;
  // AltGr is Ctrl and Alt together, and writes letters.
  if (altKey) return code === "KeyN" && !command ? "new" : null;
  return key.toLowerCase() === "k" ? "search" : null;
}

/** Somebody types, or the key already means something where the focus is. */
function busy(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target.closest("input, textarea, select, [contenteditable]:not([contenteditable=false]), [role=menu]"))
    return true;
  return key === " " && target.closest("button, a, summary, video, [role=button], [tabindex]") !== null;
}

/** One handler on the window; `map` should be stable. A key that `map` lacks keeps its meaning in the browser. */
export function useShortcuts(map: ShortcutMap, enabled = true): void {
  const single = useSingleKeys();
  useEffect(() => {
    if (!enabled) return;
    const onKeyDown = (event: KeyboardEvent) => {
      const name = shortcutOf(event, single);
      const run = name && map[name];
      if (!run) return;
      event.preventDefault();
      run();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [map, single, enabled]);
}

export function useSingleKeys(): boolean {
  return useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => localStorage.getItem(OFF) === null,
  );
}

export function switchSingleKeys(on: boolean): void {
  if (on) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "yes");
  for (const changed of listeners) changed();
}
