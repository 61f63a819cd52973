/**
 * Focus of a scene that changes its place. The list is drawn anew as soon as the person has moved the scene, and perhaps
 * again when the server has, as a new card; what had the focus is gone each time, and its namesake gets it. Used by SceneList.tsx. Tests: tests/components/test_SceneList.test.tsx
 */
import { useLayoutEffect, useRef, type RefObject } from "react";

/** What had the focus when a scene was moved last: by name, because the element does not outlive its card. */
let moved: { sceneId: number; name: string; drawings: number } | null = null;
const DRAWINGS = 2;

interface KeptFocus {
  list: RefObject<HTMLDivElement | null>;
  /** Call when a scene is about to move. */
  keep: (sceneId: number) => void;
}

export function useKeptFocus(order: number[]): KeptFocus {
  const list = useRef<HTMLDivElement>(null);
  const places = order.join();
  useLayoutEffect(() => {
    if (!moved || !list.current) return;
    const { sceneId, name, drawings } = moved;
    moved = drawings > 1 ? { sceneId, name, drawings: drawings - 1 } : null;
    // The focus went elsewhere meanwhile: it stays there.
    if (document.activeElement !== document.body) return;
    list.current.querySelector<HTMLElement>(`[aria-label="${CSS.escape(name)}"]:not(:disabled)`)?.focus();
    if (document.activeElement !== document.body) return;
    list.current.querySelector<HTMLElement>(`[data-scene="${sceneId}"]`)?.focus();
  }, [places]);
  const keep = (sceneId: number) => {
    const name = document.activeElement?.getAttribute("aria-label");
    moved = name ? { sceneId, name, drawings: DRAWINGS } : null;
  };
  return { list, keep };
}
