/** The tab says what needs attention, so that one can leave while clips render. Tests: tests/services/test_pageTitle.test.ts */
import { useEffect } from "react";
import type { Generation } from "@/store/model";
import { useCurrent } from "@/store/pipelineStore";

/** "(2/5) Title", "● Waiting: Title", "Ready: Title" or just the title. */
export function pageTitle(generation: Generation): string {
  const name = generation.title ?? generation.prompt.slice(0, 40);
  if (generation.status === "completed") return `✓ ${name} · AdMint`;
  if (generation.substage === "awaiting_approval") return `● Your OK? ${name} · AdMint`;
  if (generation.status === "videos" && !generation.substage) {
    const ready = generation.clipIds.filter((id) => generation.clips[id]?.status === "complete").length;
    return `(${ready}/${generation.scenes.length}) ${name} · AdMint`;
  }
  return `${name} · AdMint`;
}

export function usePageTitle(): void {
  const title = useCurrent(pageTitle) ?? "AdMint";
  useEffect(() => {
    document.title = title;
    return () => {
      document.title = "AdMint";
    };
  }, [title]);
}
