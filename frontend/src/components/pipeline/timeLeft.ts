/** How long the slowest clip still takes: from measured progress, said only when it is known. Tests: tests/components/test_timeLeft.test.ts */
import { useEffect, useRef, useState } from "react";
import type { Clip, Generation } from "@/store/model";

const STEP_S = 5;
/** Share of the newest estimate in the smoothed one. */
const WEIGHT = 0.4;

interface Sample {
  progress: number;
  at: number;
}

/**
 * Milliseconds until the last clip is done; null until two samples of progress are there. Clips that wait are counted
 * with the mean of those that run, in as many lanes as run now.
 */
export function estimateMs(clips: Clip[], first: ReadonlyMap<number, Sample>, now: number): number | null {
  const running = clips.filter((clip) => clip.status === "rendering" || clip.status === "processing");
  const rates = running.flatMap((clip) => {
    const from = first.get(clip.scene_id);
    const moved = from ? clip.progress - from.progress : 0;
    return from && moved > 0 && clip.updatedAt > from.at ? [moved / (clip.updatedAt - from.at)] : [];
  });
  if (!rates.length) return null;
  const rate = rates.reduce((sum, each) => sum + each, 0) / rates.length;
  const left = running.map((clip) => Math.max(0, (100 - clip.progress) / rate - (now - clip.updatedAt)));
  const waiting = clips.filter((clip) => clip.status === "queued").length;
  const rounds = Math.ceil(waiting / Math.max(1, running.length));
  return Math.max(0, ...left) + rounds * (100 / rate);
}

/** Seconds left, smoothed and rounded to five; null while unknown. */
export function useTimeLeft(generation: Generation): number | null {
  const first = useRef(new Map<number, Sample>());
  const smooth = useRef<number | null>(null);
  const [left, setLeft] = useState<number | null>(null);
  useEffect(() => {
    const clips = generation.clipIds.flatMap((id) => generation.clips[id] ?? []);
    for (const { scene_id: id, status, progress, updatedAt } of clips) {
      if (status === "queued") first.current.delete(id);
      else if (!first.current.has(id)) first.current.set(id, { progress, at: updatedAt });
    }
    const now = estimateMs(clips, first.current, Date.now());
    smooth.current = now === null ? null : smooth.current === null ? now : smooth.current * (1 - WEIGHT) + now * WEIGHT;
    setLeft(smooth.current === null ? null : Math.max(STEP_S, STEP_S * Math.round(smooth.current / 1000 / STEP_S)));
  }, [generation.clips, generation.clipIds]);
  return left;
}
