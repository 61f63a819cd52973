/**
 * The ad beside its conversation: player on top, strip, scores, time, and Download and Share always in sight.
 * Tests: tests/components/test_StoryboardPanel.test.tsx
 */
import { Download, Share2 } from "lucide-react";
import { useEffect, useState } from "react";
import { Button, ButtonLink } from "@/components/ui/Button";
import { classes } from "@/components/ui/classes";
import { Spent } from "@/components/money/Spent";
import { QualityScore } from "@/components/quality/QualityScore";
import { scoreState } from "@/components/quality/scoreState";
import { downloadUrl, scoreAgain } from "@/services/actions";
import { refreshSoon } from "@/services/session";
import { share } from "@/services/share";
import type { Generation } from "@/store/model";
import { useScored } from "@/store/studioStore";
import { Animatic } from "./Animatic";
import { firstStill } from "./FinalVideo";
import { clock, sequence } from "./sequence";
import { capital } from "./StoryDisplay";
import { VideoPlayer } from "./VideoPlayer";

interface StoryboardPanelProps {
  generation: Generation;
  /** Scene whose clip is on screen; null: the whole ad. */
  playing: number | null;
  onPlay: (clipId: number | null) => void;
}

export function StoryboardPanel({ generation, playing, onPlay }: StoryboardPanelProps) {
  return (
    <div className="flex h-full flex-col">
      <div className="min-h-0 flex-1 overflow-y-auto p-4">
        <Screen generation={generation} playing={playing} onPlay={onPlay} />
        <Scores generation={generation} />
      </div>
      <PanelFoot generation={generation} />
    </div>
  );
}

function Screen({ generation, playing, onPlay }: StoryboardPanelProps) {
  const shots = sequence(generation);
  const ratio = generation.plan ? `${generation.plan.width} / ${generation.plan.height}` : "16 / 9";
  const at = Math.max(
    0,
    shots.findIndex((shot) => shot.sceneId === playing),
  );
  const clip = playing === null ? null : generation.clips[playing];
  const { finalVideoUrl: film } = generation;
  if (!shots.some((shot) => shot.still)) {
    return (
      <p className="flex aspect-video items-center justify-center rounded-thumb border border-dashed border-line-strong px-6 text-center text-sm text-ink-2">
        The storyboard appears here.
      </p>
    );
  }
  const whole = film && playing === null;
  return (
    <>
      {whole ? (
        <Framed>
          <VideoPlayer
            src={film}
            poster={firstStill(generation)}
            title={generation.title ?? "Your ad"}
            captionsUrl={downloadUrl(generation.id, "captions")}
            onExpired={() => refreshSoon(generation.id)}
          />
        </Framed>
      ) : film && clip?.url ? (
        <Framed>
          <VideoPlayer
            src={clip.url}
            poster={clip.poster_url ?? undefined}
            title={`Clip ${playing}`}
            onExpired={() => refreshSoon(generation.id)}
          />
        </Framed>
      ) : (
        <Animatic shots={shots} ratio={ratio} at={at} onAt={(index) => onPlay(shots[index]?.sceneId ?? null)} />
      )}
      <p className="mt-2 text-xs text-ink-2">{caption(generation, playing)}</p>
      <h2 className="mt-4 mb-2 text-sm font-medium">Timeline</h2>
      <ol className="flex gap-1.5 overflow-x-auto p-0.5">
        {shots.map((shot) => {
          const current = playing === shot.sceneId || (!film && shots[at] === shot);
          return (
            <li key={shot.sceneId} className="min-w-12 flex-1">
              <button
                type="button"
                aria-label={`Show scene ${shot.sceneId}${shot.video ? "" : ", still"}`}
                aria-pressed={current}
                onClick={() => onPlay(shot.sceneId)}
                className={classes("w-full rounded-thumb", current && "outline-2 outline-white")}
              >
                {shot.still ? (
                  <img
                    src={shot.still}
                    alt=""
                    width={64}
                    height={36}
                    decoding="async"
                    className={classes("aspect-video w-full rounded-thumb object-cover", !shot.video && "opacity-60")}
                  />
                ) : (
                  <span className="block aspect-video w-full rounded-thumb bg-raised" />
                )}
                <span className="tnum block text-center text-xs text-ink-2">{shot.sceneId}</span>
              </button>
            </li>
          );
        })}
      </ol>
      {film && playing !== null && (
        <Button variant="ghost" className="mt-1 w-full" onClick={() => onPlay(null)}>
          Back to the whole ad
        </Button>
      )}
    </>
  );
}

function Framed({ children }: { children: React.ReactNode }) {
  return <div className="overflow-hidden rounded-thumb">{children}</div>;
}

function caption({ finalVideoUrl, scenes, clips }: Generation, playing: number | null): string {
  if (finalVideoUrl)
    return playing === null ? "The finished ad" : `Clip ${playing}, before music and titles are joined`;
  const ready = scenes.filter(({ id }) => clips[id]?.status === "complete").length;
  return ready === scenes.length ? "All clips are ready; they are being joined" : "Animatic until every clip is ready";
}

function Scores({ generation }: { generation: Generation }) {
  const scored = useScored();
  const state = scoreState(generation, null, scored);
  if (!generation.scenes.length || (!scored && !Object.keys(generation.scores).length)) return null;
  return (
    <section aria-label="Quality" className="mt-5">
      <div className="mb-2 flex items-center justify-between">
        <h2 className="text-sm font-medium">Quality</h2>
        {scored && ["scored", "unavailable", "unscored"].includes(state) && (
          <Button onClick={() => void scoreAgain(generation)}>{state === "scored" ? "Score again" : "Score it"}</Button>
        )}
      </div>
      <QualityScore score={generation.scores.overall ?? null} state={state} />
      <ul className="mt-3 divide-y divide-line rounded-control border border-line">
        {generation.scenes.map(({ id, beat }) => (
          <li key={id} className="flex min-h-9 items-center gap-3 px-3 text-sm">
            <span className="tnum text-ink-3">{id}</span>
            <span className="flex-1 truncate">{capital(beat)}</span>
            <QualityScore
              score={generation.scores[String(id)] ?? null}
              state={scoreState(generation, id, scored)}
              compact
            />
          </li>
        ))}
      </ul>
    </section>
  );
}

function PanelFoot({ generation }: { generation: Generation }) {
  const elapsed = useElapsed(generation);
  const { finalVideoUrl: url } = generation;
  return (
    <footer className="shrink-0 border-t border-line p-4">
      <dl className="flex gap-8 text-sm">
        <div>
          <dt className="text-xs text-ink-2">{generation.completedAt ? "Made in" : "Elapsed"}</dt>
          <dd className="tnum">{clock(elapsed)}</dd>
        </div>
        <Spent generation={generation} />
      </dl>
      <div className="mt-3 grid grid-cols-2 gap-2">
        {url ? (
          <ButtonLink icon={<Download size={14} aria-hidden />} href={downloadUrl(generation.id)} download>
            Download
          </ButtonLink>
        ) : (
          <Button disabled icon={<Download size={14} aria-hidden />}>
            Download
          </Button>
        )}
        <Button disabled={!url} icon={<Share2 size={14} aria-hidden />} onClick={() => url && void share(url)}>
          Share
        </Button>
      </div>
    </footer>
  );
}

/** Seconds from the request to the end, to the last thing that happened, or to now while something is being made. */
function useElapsed({ createdAt, completedAt, updatedAt, status, substage }: Generation): number {
  const [now, setNow] = useState(Date.now);
  const running = !completedAt && status !== "failed" && (substage === null || substage === "stitching");
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [running]);
  const end = running ? now : Date.parse(completedAt ?? updatedAt);
  return Math.max(0, (end - Date.parse(createdAt)) / 1000);
}
