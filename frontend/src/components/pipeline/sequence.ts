/** What the storyboard shows second by second: finished clips as film, the rest as stills. Tests: tests/components/test_StoryboardPanel.test.tsx */
import type { Generation } from "@/store/model";

export interface Shot {
  sceneId: number;
  /** Seconds. */
  start: number;
  duration: number;
  still: string | null;
  video: string | null;
}

export function sequence(generation: Generation): Shot[] {
  let start = 0;
  return generation.scenes.map(({ id, duration }) => {
    const clip = generation.clips[id];
    const still = clip?.poster_url ?? generation.storyboard[id] ?? null;
    const shot = { sceneId: id, start, duration, still, video: clip?.status === "complete" ? clip.url : null };
    start += duration;
    return shot;
  });
}

/** "0:08". */
export function clock(secondsIn: number): string {
  const whole = Math.floor(secondsIn);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
