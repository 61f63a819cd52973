/** One transport for several videos: they start together, and one that drifts is put back. Tests: tests/routes/test_Compare.test.tsx */
import { useCallback, useEffect, useRef, useState } from "react";

const CHECK_MS = 250;
/** Seconds two videos may be apart before the eye sees it. */
const DRIFT_S = 0.12;

export interface InStep {
  /** A video takes part until the returned function is called. */
  join: (video: HTMLVideoElement) => () => void;
  playing: boolean;
  toggle: () => void;
  /** Seconds. */
  at: number;
  length: number;
  seek: (seconds: number) => void;
}

export function useInStep(): InStep {
  const videos = useRef(new Set<HTMLVideoElement>());
  const now = useRef({ playing: false, at: 0 });
  const [playing, setPlaying] = useState(false);
  const [at, setAt] = useState(0);
  const [length, setLength] = useState(0);

  const go = useCallback((on: boolean) => {
    now.current.playing = on;
    setPlaying(on);
  }, []);
  const place = useCallback((seconds: number) => {
    now.current.at = seconds;
    setAt(seconds);
  }, []);

  const join = useCallback((video: HTMLVideoElement) => {
    const measure = () => setLength(longest(videos.current));
    const enter = () => {
      measure();
      catchUp(video, now.current);
    };
    videos.current.add(video);
    video.addEventListener("loadedmetadata", enter);
    return () => {
      video.removeEventListener("loadedmetadata", enter);
      videos.current.delete(video);
      measure();
    };
  }, []);

  const seek = useCallback(
    (seconds: number) => {
      place(seconds);
      for (const video of videos.current) catchUp(video, now.current);
    },
    [place],
  );

  const toggle = useCallback(() => {
    const all = [...videos.current];
    const start = !now.current.playing && all.length > 0;
    if (start && all.every((video) => video.ended)) place(0);
    go(start);
    for (const video of all) {
      if (start) catchUp(video, now.current);
      else video.pause();
    }
  }, [go, place]);

  useEffect(() => {
    if (!playing) return;
    const timer = setInterval(() => {
      const all = [...videos.current].filter((video) => !video.ended);
      // What is heard must not stutter: the others follow it.
      const leader = all.find((video) => !video.muted) ?? all[0];
      if (!leader) {
        place(longest(videos.current));
        go(false);
        return;
      }
      for (const video of all) {
        if (Math.abs(video.currentTime - leader.currentTime) > DRIFT_S) video.currentTime = leader.currentTime;
      }
      place(leader.currentTime);
    }, CHECK_MS);
    return () => clearInterval(timer);
  }, [playing, go, place]);

  return { join, playing, toggle, at, length, seek };
}

/** Put a video where the others are; a shorter one stays at its end. */
function catchUp(video: HTMLVideoElement, { playing, at }: { playing: boolean; at: number }): void {
  // Before its length is known a video may have any.
  const end = Number.isFinite(video.duration) ? video.duration : Infinity;
  const target = Math.min(at, end);
  if (Math.abs(video.currentTime - target) > DRIFT_S) video.currentTime = target;
  // A browser that refuses to play leaves it standing; the button starts it again.
  if (playing && at < end && video.paused) void video.play().catch(() => undefined);
}

function longest(videos: Iterable<HTMLVideoElement>): number {
  return Math.max(0, ...[...videos].map((video) => video.duration).filter(Number.isFinite));
}
