/**
 * The page's one live region: stage changes, finished and failed clips, scores and messages, merged into at most one
 * announcement every three seconds. Tests: tests/components/test_LiveRegion.test.tsx
 */
import { useEffect, useState } from "react";
import { usePipeline } from "@/store/pipelineStore";
import type { Generation } from "@/store/model";
import { useToasts } from "@/store/toastStore";
import { announcements } from "./announcements";

const PAUSE_MS = 3000;

export function LiveRegion() {
  const [text, setText] = useState("");
  useEffect(() => {
    let queue: string[] = [];
    let timer: ReturnType<typeof setTimeout> | null = null;
    const flush = () => {
      timer = null;
      if (!queue.length) return;
      setText(queue.join(" "));
      queue = [];
      timer = setTimeout(flush, PAUSE_MS);
    };
    const say = (sentences: string[]) => {
      queue.push(...sentences);
      if (sentences.length && timer === null) timer = setTimeout(flush, 0);
    };
    const stopPipeline = usePipeline.subscribe((after, before) => say(announcements(current(before), current(after))));
    const stopToasts = useToasts.subscribe((after, before) => {
      say(after.toasts.filter((toast) => !before.toasts.includes(toast)).map((toast) => toast.text));
    });
    return () => {
      stopPipeline();
      stopToasts();
      if (timer !== null) clearTimeout(timer);
    };
  }, []);
  return (
    <p role="status" className="sr-only">
      {text}
    </p>
  );
}

function current(state: { currentId: string | null; generations: Record<string, Generation> }): Generation | null {
  return state.currentId ? (state.generations[state.currentId] ?? null) : null;
}
