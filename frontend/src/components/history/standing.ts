/** How an ad of a list stands, in words and a colour for its dot. Tests: tests/components/test_HistoryRail.test.tsx */
import type { GenerationSummary } from "@/api/types";
import { UNREAD } from "@/store/gate";

export type Row = Pick<
  GenerationSummary,
  "status" | "substage" | "created_at" | "overall_quality_score" | "current_stage" | "error_code"
>;

/** How far the clips are, where it is known. */
export interface Clips {
  ready: number;
  of: number;
}

interface Standing {
  text: string;
  /** Of the dot; null shows none. */
  dot: "bg-accent" | "bg-fair" | "bg-poor" | "bg-good" | "bg-ink-3" | null;
}

const WORKING: Partial<Record<GenerationSummary["status"], string>> = {
  pending: "Waiting for its turn",
  story: "Writing the story",
  references: "Choosing the look",
  scenes: "Writing the scenes",
  videos: "Rendering",
};
const STOPPED: Partial<Record<NonNullable<GenerationSummary["substage"]>, string>> = {
  paused: "Paused",
  interrupted: "Interrupted",
  cancelled: "Cancelled",
  over_cap: "Paused at your cap",
};

export function standing(row: Row, clips?: Clips | null): Standing {
  if (row.status === "completed") return finished(row);
  if (waits(row)) return { text: "Waiting for your OK", dot: "bg-fair" };
  if (row.error_code === UNREAD) return { text: "Needs an answer", dot: "bg-fair" };
  if (row.substage === "needs_retry" && row.current_stage === "videos")
    return { text: "A clip failed", dot: "bg-poor" };
  const stopped = row.substage && STOPPED[row.substage];
  if (stopped) return { text: stopped, dot: "bg-ink-3" };
  if (row.status === "failed") return { text: "Failed", dot: "bg-poor" };
  return { text: working(row, clips), dot: "bg-accent" };
}

function working({ status, substage }: Row, clips?: Clips | null): string {
  if (substage === "stitching") return "Joining clips";
  if (status === "videos" && clips?.of) return `${clips.ready} of ${clips.of} clips ready`;
  return WORKING[status] ?? "Working";
}

function finished({ overall_quality_score: score, created_at: at }: Row): Standing {
  if (score === null) return { text: day(at), dot: null };
  const dot = score > 80 ? "bg-good" : score >= 60 ? "bg-fair" : "bg-poor";
  return { text: `${score.toFixed(1)} · ${day(at)}`, dot };
}

/** Does it wait for a person? */
export function waits({ status, substage }: Pick<Row, "status" | "substage">): boolean {
  return status !== "completed" && (substage === "awaiting_approval" || substage === "expired");
}

/** Is something going on that will change the row by itself? */
export function unfinished({ status, substage }: Row): boolean {
  return status !== "completed" && status !== "failed" && substage !== "cancelled" && substage !== "paused";
}

/** "Today", "Yesterday", "Mon", "12 Nov", "12 Nov 2025". */
export function day(at: string, now = new Date()): string {
  const date = new Date(at);
  const days = Math.round((midnight(now) - midnight(date)) / 86_400_000);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  if (days > 0 && days < 7) return date.toLocaleDateString("en-GB", { weekday: "short" });
  const year = date.getFullYear() === now.getFullYear() ? {} : { year: "numeric" as const };
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "short", ...year });
}

function midnight(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
