/**
 * The ad as far as it exists: stills in their time, finished clips as film. From the first frame on, until all is joined.
 * Tests: tests/components/test_StoryboardPanel.test.tsx
 */
import { Pause, Play } from "lucide-react";
import { useEffect, useState } from "react";
import { IconButton } from "@/components/ui/Button";
import { clock, type Shot } from "./sequence";
import { VideoPlayer } from "./VideoPlayer";

const TICK_MS = 100;

interface AnimaticProps {
  shots: Shot[];
  ratio: string;
  /** Index of the shot on screen. */
  at: number;
  onAt: (index: number) => void;
}

export function Animatic({ shots, ratio, at, onAt }: AnimaticProps) {
  const [playing, setPlaying] = useState(false);
  const [within, setWithin] = useState(0);
  const [shown, setShown] = useState(at);
  if (shown !== at) {
    setShown(at);
    setWithin(0);
  }
  const shot = shots[at];
  const total = shots.reduce((sum, each) => sum + each.duration, 0);
  const next = () => {
    if (at + 1 < shots.length) onAt(at + 1);
    else {
      setPlaying(false);
      onAt(0);
    }
  };
  const film = playing && shot?.video;
  useEffect(() => {
    if (!playing || !shot || film) return;
    const timer = setTimeout(() => {
      if (within + TICK_MS / 1000 >= shot.duration) next();
      else setWithin(within + TICK_MS / 1000);
    }, TICK_MS);
    return () => clearTimeout(timer);
  });
  if (!shot) return null;
  const now = shot.start + Math.min(within, shot.duration);
  return (
    <div>
      <div className="relative max-h-[46dvh] overflow-hidden rounded-thumb bg-black" style={{ aspectRatio: ratio }}>
        {film ? (
          <VideoPlayer
            src={film}
            poster={shot.still ?? undefined}
            title={`Clip ${shot.sceneId}`}
            autoPlay
            muted
            onEnded={next}
          />
        ) : (
          shot.still && <img src={shot.still} alt={`Scene ${shot.sceneId}`} className="size-full object-contain" />
        )}
      </div>
      <div className="mt-2 flex items-center gap-2">
        <IconButton
          label={playing ? "Pause the animatic" : "Play the animatic"}
          data-play
          onClick={() => setPlaying(!playing)}
        >
          {playing ? <Pause size={16} aria-hidden /> : <Play size={16} aria-hidden />}
        </IconButton>
        <span className="h-1 flex-1 overflow-hidden rounded-full bg-raised" aria-hidden>
          <span
            className="block h-full origin-left bg-accent"
            style={{ transform: `scaleX(${total ? now / total : 0})` }}
          />
        </span>
        <span className="tnum text-xs text-ink-2">
          {clock(now)} / {clock(total)}
        </span>
      </div>
    </div>
  );
}
