/** One clip: still, state in words, bar, retry. Selects its own clip, so that a message renders one row. Tests: tests/components/test_ParallelProgress.test.tsx */
import { Check, Clock, Download, LoaderCircle, Play, RotateCcw, TriangleAlert } from "lucide-react";
import { Button, IconButton } from "@/components/ui/Button";
import { classes } from "@/components/ui/classes";
import { useSeller, Waiting } from "@/components/money/Waiting";
import { QualityScore } from "@/components/quality/QualityScore";
import { scoreState } from "@/components/quality/scoreState";
import { downloadUrl, retryClip } from "@/services/actions";
import { withoutCommands } from "@/services/errors";
import type { Clip } from "@/store/model";
import { useScored } from "@/store/studioStore";
import { useClip, useCurrent, usePipeline, useScore } from "@/store/pipelineStore";
import { sentences } from "./sentences";
import { capital } from "./StoryDisplay";

interface ClipRowProps {
  generationId: string;
  clipId: number;
  onPlay?: ((clipId: number) => void) | undefined;
}

export function ClipRow({ generationId, clipId, onPlay }: ClipRowProps) {
  const clip = useClip(clipId);
  const still = useCurrent((generation) => generation.storyboard[clipId] ?? "");
  const title = useCurrent((generation) => {
    const scene = generation.scenes.find((each) => each.id === clipId);
    return scene ? scene.copy_text.headline || scene.copy_text.cta || capital(scene.beat) : "";
  });
  const seller = useSeller(clipId);
  const state = clip?.status ?? "queued";
  const poster = clip?.poster_url ?? still;
  const picture = poster ? (
    <img
      src={poster}
      alt=""
      width={96}
      height={54}
      decoding="async"
      className="aspect-video w-24 rounded-thumb bg-raised object-cover"
    />
  ) : (
    <span className="block aspect-video w-24 rounded-thumb bg-raised" />
  );
  return (
    <div className="flex items-center gap-3">
      {state === "complete" && onPlay ? (
        <button
          type="button"
          aria-label={`Play clip ${clipId}`}
          title={`Play clip ${clipId}`}
          className="group relative shrink-0 rounded-thumb"
          onClick={() => onPlay(clipId)}
        >
          {picture}
          <span className="absolute inset-0 hidden items-center justify-center rounded-thumb bg-black/50 group-hover:flex group-focus-visible:flex">
            <Play size={18} aria-hidden />
          </span>
        </button>
      ) : (
        <span className={classes("hidden shrink-0 sm:block", state !== "failed" && "animate-breathe")}>{picture}</span>
      )}
      <div className="min-w-0 flex-1">
        <div className="flex flex-wrap items-baseline gap-x-2">
          <span className="tnum text-sm text-ink-2">{clipId}</span>
          <span className="min-w-0 flex-1 truncate font-medium" title={title ?? ""}>
            {title}
          </span>
          <ClipScore clipId={clipId} />
          <Standing clip={clip} seller={seller} />
        </div>
        <Bar clipId={clipId} clip={clip} />
        {clip && <Remark clip={clip} />}
      </div>
      <Act generationId={generationId} clipId={clipId} failed={state === "failed"} done={state === "complete"} />
    </div>
  );
}

/** Why it failed, or how it differs from what was asked. */
function Remark({ clip }: { clip: Clip }) {
  if (clip.status === "failed") {
    const why = [clip.error_message, withoutCommands(clip.hint)].filter(Boolean).join(" ");
    return <p className="mt-1 text-sm text-poor">{why}</p>;
  }
  if (clip.status !== "complete" || !clip.notes.length) return null;
  return <p className="mt-1 text-sm text-ink-2">{sentences(clip.notes)}</p>;
}

function ClipScore({ clipId }: { clipId: number }) {
  const score = useScore(clipId);
  const scored = useScored();
  const state = useCurrent((generation) => scoreState(generation, clipId, scored));
  return score && state ? <QualityScore score={score} state={state} compact /> : null;
}

/** The state in words, with an icon: never by colour alone. */
function Standing({ clip, seller }: { clip: Clip | null; seller: string | null }) {
  switch (clip?.status) {
    case "complete":
      return (
        <span className="flex items-center gap-1 text-sm text-good">
          <Check size={14} aria-hidden />
          {clip.freshness === "stale" ? "Out of date" : "Ready"}
        </span>
      );
    case "failed":
      return (
        <span className="flex items-center gap-1 text-sm text-poor">
          <TriangleAlert size={14} aria-hidden />
          Failed
        </span>
      );
    case "rendering":
      return (
        <span className="tnum flex items-center gap-1 text-sm text-ink-2">
          <LoaderCircle size={14} className="text-accent" aria-hidden />
          Rendering {clip.progress}%
        </span>
      );
    case "processing":
      return (
        <span className="flex items-center gap-1 text-sm text-ink-2">
          <LoaderCircle size={14} className="text-accent" aria-hidden />
          Preparing
        </span>
      );
    default:
      return seller ? (
        <Waiting clip={clip} seller={seller} />
      ) : (
        <span className="flex items-center gap-1 text-sm text-ink-2">
          <Clock size={14} aria-hidden />
          Waiting
        </span>
      );
  }
}

const SPOKEN = {
  queued: "waiting",
  processing: "preparing",
  rendering: "rendering",
  complete: "ready",
  failed: "failed",
};

function Bar({ clipId, clip }: { clipId: number; clip: Clip | null }) {
  const progress = clip?.progress ?? 0;
  const state = clip?.status ?? "queued";
  const colour = { complete: "bg-accent-deep", failed: "bg-poor" }[state as string] ?? "bg-accent";
  return (
    <div
      role="progressbar"
      aria-label={`Clip ${clipId}`}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={progress}
      aria-valuetext={state === "rendering" ? `${progress} percent` : SPOKEN[state]}
      className="mt-1.5 h-1.5 overflow-hidden rounded-full bg-raised"
    >
      <div
        className={classes("h-full origin-left rounded-full transition-transform duration-500", colour)}
        style={{ transform: `scaleX(${progress / 100})` }}
      />
    </div>
  );
}

interface ActProps {
  generationId: string;
  clipId: number;
  failed: boolean;
  done: boolean;
}

function Act({ generationId, clipId, failed, done }: ActProps) {
  const may = useCurrent((generation) => generation.actions.includes("retry_clip"));
  const retry = (newTake: boolean) => {
    const generation = usePipeline.getState().generations[generationId];
    if (generation) void retryClip(generation, clipId, newTake);
  };
  if (failed) {
    return (
      <Button
        icon={<RotateCcw size={14} aria-hidden />}
        aria-label={`Retry clip ${clipId}`}
        disabled={!may}
        onClick={() => retry(false)}
      >
        Retry
      </Button>
    );
  }
  if (!done) return <span className="w-8 shrink-0" />;
  return (
    <span className="flex shrink-0">
      {may && (
        <IconButton label={`Render clip ${clipId} again`} onClick={() => retry(true)}>
          <RotateCcw size={16} aria-hidden />
        </IconButton>
      )}
      <a
        href={downloadUrl(generationId, "clip", clipId)}
        download
        aria-label={`Download clip ${clipId}`}
        title={`Download clip ${clipId}`}
        className="inline-flex size-8 items-center justify-center rounded-control text-ink-2 hover:bg-raised hover:text-ink"
      >
        <Download size={16} aria-hidden />
      </a>
    </span>
  );
}
