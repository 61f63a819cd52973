/**
 * A bought clip that waits at its provider. How long it will wait nobody tells, so how long it has waited is said.
 * Tests: tests/components/test_Waiting.test.tsx
 */
import { Clock } from "lucide-react";
import { useEffect, useState } from "react";
import type { Clip, Generation } from "@/store/model";
import { useCurrent } from "@/store/pipelineStore";
import { useStudio } from "@/store/studioStore";

const BUSY_MS = 20_000;
const STEP_MS = 5000;

/** Who films a clip for money; null for one that is made here, and while nothing is being filmed. */
export function useSeller(id: number): string | null {
  const name = useCurrent(({ clipProviders, videoProvider, status, substage }: Generation) =>
    status === "videos" && substage === null ? (clipProviders[id] ?? videoProvider) : null,
  );
  const offer = useStudio((state) => state.view?.offers.find((each) => each.name === name));
  return offer?.costs_money ? offer.label : null;
}

export function Waiting({ clip, seller }: { clip: Clip | null; seller: string }) {
  const since = clip?.updatedAt || null;
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), STEP_MS);
    return () => clearInterval(timer);
  }, []);
  const waited = since === null ? 0 : now - since;
  const seconds = 5 * Math.round(waited / 5000);
  const long = seconds >= 120 ? `${Math.floor(seconds / 60)} min` : `${seconds} s`;
  return (
    <span className="tnum flex items-center gap-1 text-sm text-ink-2">
      <Clock size={14} aria-hidden />
      {waited < BUSY_MS ? `Waiting at ${seller}` : `High demand at ${seller} · waiting ${long}`}
    </span>
  );
}
