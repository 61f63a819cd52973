/**
 * A video score of 0 to 100 with its four parts (AC-4.7): green above 80, yellow from 60 to 80, red below 60, and the
 * word beside it. Only VBench is called VBench; ours is the AdMint score. Under it, on request, all that was measured.
 * Tests: tests/components/test_QualityScore.test.tsx
 */
import { Fragment } from "react";
import type { Score } from "@/store/model";
import type { ScoreBreakdown } from "@/api/types";
import { classes } from "@/components/ui/classes";
import { scoreName, type ScoreState } from "./scoreState";

const GOOD = 80;
const FAIR = 60;
const PARTS: { key: keyof ScoreBreakdown; label: string }[] = [
  { key: "composition", label: "Composition" },
  { key: "coherence", label: "Coherence" },
  { key: "motion", label: "Motion" },
  { key: "visual_appeal", label: "Visual appeal" },
];

const WAITS: Partial<Record<ScoreState, string>> = { before: "After render", scoring: "Scoring..." };
const NEVER: Partial<Record<ScoreState, string>> = {
  unscored: "Not scored",
  none: "No scorer is installed on this server.",
};

interface QualityScoreProps {
  score: Score | null;
  state: ScoreState;
  good?: number;
  fair?: number;
  /** Number and word only. */
  compact?: boolean;
}

type Grade = { word: string; text: string; bar: string };

/** Colour and word of a score. */
export function grade(value: number, good = GOOD, fair = FAIR): Grade {
  if (value > good) return { word: "Strong", text: "text-good", bar: "bg-good" };
  if (value >= fair) return { word: "Fair", text: "text-fair", bar: "bg-fair" };
  return { word: "Weak", text: "text-poor", bar: "bg-poor" };
}

export function QualityScore({ score, state, good = GOOD, fair = FAIR, compact }: QualityScoreProps) {
  const waits = WAITS[state];
  if (waits) return <Quiet text={waits} />;
  const never = NEVER[state];
  if (never) return compact ? null : <Quiet text={never} />;
  const overall = score?.overall ?? null;
  if (!score || overall === null) return <Quiet text="Scoring unavailable" detail={score?.reason ?? ""} />;
  const { word, text } = grade(overall, good, fair);
  if (compact) return <Mark overall={overall} word={word} text={text} from={scoreName(score.scorer)} />;
  return (
    <div>
      <p className="tnum flex items-baseline gap-2">
        <span className={classes("text-3xl font-semibold", text)}>{overall.toFixed(1)}</span>
        <span className="text-sm text-ink-2">
          / 100 · {word} · {scoreName(score.scorer)}
        </span>
      </p>
      <dl className="mt-3 flex flex-col gap-2">
        {PARTS.map(({ key, label }) => (
          <Part key={key} label={label} value={score.breakdown[key]} good={good} fair={fair} />
        ))}
      </dl>
      <Measured dimensions={score.dimensions} />
    </div>
  );
}

/** Number and word only. */
function Mark({ overall, word, text, from }: { overall: number; word: string; text: string; from: string }) {
  return (
    <span className={classes("tnum flex items-center gap-1.5 text-sm", text)} title={`${from}, of 100`}>
      <span className="size-2 rounded-full bg-current" aria-hidden />
      {overall.toFixed(1)}
      <span className="text-ink-2">{word}</span>
    </span>
  );
}

/** Every signal by its name, as measured: shares are 0 to 1. */
function Measured({ dimensions }: { dimensions: Record<string, number> }) {
  const named = Object.entries(dimensions).sort(([one], [other]) => one.localeCompare(other));
  if (!named.length) return null;
  return (
    <details className="mt-3 text-xs text-ink-2">
      <summary className="cursor-pointer">What was measured</summary>
      <dl className="tnum mt-2 grid grid-cols-[1fr_auto] gap-x-4 gap-y-1">
        {named.map(([name, value]) => (
          <Fragment key={name}>
            <dt>{name.replaceAll("_", " ")}</dt>
            <dd className="text-right">{Number(value.toFixed(3))}</dd>
          </Fragment>
        ))}
      </dl>
    </details>
  );
}

function Part({ label, value, good, fair }: { label: string; value: number | null; good: number; fair: number }) {
  return (
    <div className="flex items-center gap-3 text-sm">
      <dt className="w-28 shrink-0 text-ink-2">{label}</dt>
      <dd className="flex flex-1 items-center gap-3">
        <span className="h-1 flex-1 overflow-hidden rounded-full bg-raised" aria-hidden>
          {value !== null && (
            <span
              className={classes("block h-full origin-left rounded-full", grade(value, good, fair).bar)}
              style={{ transform: `scaleX(${value / 100})` }}
            />
          )}
        </span>
        <span className="tnum w-14 text-right">{value === null ? "unknown" : Math.round(value)}</span>
      </dd>
    </div>
  );
}

function Quiet({ text, detail }: { text: string; detail?: string }) {
  return (
    <p className="text-sm text-ink-2">
      {text}
      {detail && <span className="block text-xs text-ink-3">{detail}</span>}
    </p>
  );
}
