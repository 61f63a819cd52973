/** What the socket knows of an ad is newer than its row in a list. Tests: tests/components/test_HistoryRail.test.tsx */
import { useShallow } from "zustand/react/shallow";
import type { GenerationSummary } from "@/api/types";
import type { Connection, Generation } from "@/store/model";
import { usePipeline } from "@/store/pipelineStore";
import { waits, type Clips } from "./standing";

interface Known {
  generations: Record<string, Generation>;
  connection: Connection;
}

/** Renders only when one of these few facts changes, not with every message of the run. */
export function useLive(row: GenerationSummary): { row: GenerationSummary; clips: Clips } {
  const { ready, of, ...newer } = usePipeline(useShallow((state) => facts(row, newest(state, row))));
  return { row: { ...row, ...newer }, clips: { ready, of } };
}

/** What waits for a person comes first; otherwise the order stays. */
export function useWaitingFirst(rows: GenerationSummary[]): GenerationSummary[] {
  const waiting = usePipeline(useShallow((state) => rows.map((row) => waits(newest(state, row) ?? row))));
  return [...rows.filter((_, index) => waiting[index]), ...rows.filter((_, index) => !waiting[index])];
}

/** A session that was left hears nothing any more: there the row may be the newer one. */
function newest({ generations, connection }: Known, row: GenerationSummary): Generation | undefined {
  const generation = generations[row.id];
  if (!generation || connection.state === "connected" || connection.state === "polling") return generation;
  return Date.parse(row.updated_at) > Date.parse(generation.updatedAt) ? undefined : generation;
}

function facts(row: GenerationSummary, generation: Generation | undefined): Partial<GenerationSummary> & Clips {
  if (!generation) return { ready: 0, of: 0 };
  const { status, substage, stage, errorCode, clipIds, clips, scenes } = generation;
  return {
    status,
    substage,
    current_stage: stage,
    error_code: status === "failed" ? errorCode : null,
    title: row.title ?? generation.title,
    variant: row.variant || generation.variant,
    thumbnail_url: generation.thumbnailUrl ?? row.thumbnail_url,
    overall_quality_score: generation.scores.overall?.overall ?? row.overall_quality_score,
    ready: clipIds.filter((id) => clips[id]?.status === "complete").length,
    of: scenes.length,
  };
}
