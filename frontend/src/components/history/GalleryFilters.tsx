/** The gallery's filters; each is a part of the address. Tests: tests/routes/test_Gallery.test.tsx */
import { Search } from "lucide-react";
import { useEffect, useState } from "react";
import type { GenerationSummary } from "@/api/types";
import { Button } from "@/components/ui/Button";
import type { ListQuery } from "@/services/history";

const WAIT_MS = 250;
const STATES: { value: string; label: string; status: GenerationSummary["status"][] }[] = [
  { value: "finished", label: "Finished", status: ["completed"] },
  { value: "unfinished", label: "In progress", status: ["pending", "story", "references", "scenes", "videos"] },
  { value: "rendering", label: "Rendering", status: ["videos"] },
  { value: "failed", label: "Failed", status: ["failed"] },
];
const FIELD = "min-h-9 rounded-control border border-line-strong bg-card px-3 text-sm text-ink";

/** The request that the address asks for; what is no legal value there counts for nothing. Days are this browser's. */
export function queryOf(params: URLSearchParams): ListQuery {
  const search = params.get("q")?.trim();
  const state = STATES.find(({ value }) => value === params.get("state"));
  const from = midnight(params.get("from"), 0);
  const to = midnight(params.get("to"), 1);
  const score = Number(params.get("score") || NaN);
  return {
    ...(search && { search }),
    ...(state && { status: state.status }),
    ...(from && { created_from: from.toISOString() }),
    ...(to && { created_to: new Date(to.getTime() - 1).toISOString() }),
    ...(score >= 0 && score <= 100 && { min_score: score }),
    ...(params.get("favourites") && { favourites: true }),
  };
}

/** When a day begins, or the one `days` later; null if it is none. */
function midnight(day: string | null, days: number): Date | null {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day ?? "");
  if (!match) return null;
  const [year = 0, month = 0, date = 0] = match.slice(1).map(Number);
  return new Date(year, month - 1, date + days);
}

interface GalleryFiltersProps {
  params: URLSearchParams;
  onChange: (params: URLSearchParams) => void;
}

export function GalleryFilters({ params, onChange }: GalleryFiltersProps) {
  const set = (name: string, value: string) => {
    const next = new URLSearchParams(params);
    if (value) next.set(name, value);
    else next.delete(name);
    onChange(next);
  };
  return (
    <div role="search" aria-label="Filter the gallery" className="mt-4 flex flex-wrap items-end gap-3">
      <TextFilter value={params.get("q") ?? ""} onChange={(value) => set("q", value)} />
      <label className="text-xs text-ink-2">
        State
        <select
          value={params.get("state") ?? ""}
          onChange={(event) => set("state", event.target.value)}
          className={`mt-1 block ${FIELD}`}
        >
          <option value="">All</option>
          {STATES.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      {(["from", "to"] as const).map((name) => (
        <label key={name} className="text-xs text-ink-2">
          {name === "from" ? "From" : "To"}
          <input
            type="date"
            value={params.get(name) ?? ""}
            onChange={(event) => set(name, event.target.value)}
            className={`mt-1 block ${FIELD}`}
          />
        </label>
      ))}
      <label className="text-xs text-ink-2">
        Score from
        <input
          type="number"
          min={0}
          max={100}
          value={params.get("score") ?? ""}
          onChange={(event) => set("score", event.target.value)}
          className={`mt-1 block w-24 ${FIELD}`}
        />
      </label>
      <label className="flex min-h-9 items-center gap-2 text-sm text-ink-2">
        <input
          type="checkbox"
          checked={params.get("favourites") !== null}
          onChange={(event) => set("favourites", event.target.checked ? "yes" : "")}
          className="size-4 accent-accent"
        />
        Favourites
      </label>
      {Object.keys(queryOf(params)).length > 0 && (
        <Button variant="ghost" className="min-h-9" onClick={() => onChange(new URLSearchParams())}>
          Clear filters
        </Button>
      )}
    </div>
  );
}

/** The list follows when typing pauses, not with every letter. */
function TextFilter({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const [text, setText] = useState(value);
  const [seen, setSeen] = useState(value);
  if (seen !== value) {
    setSeen(value);
    setText(value);
  }
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text), WAIT_MS);
    return () => clearTimeout(timer);
  });
  return (
    <label className="relative min-w-52 flex-1 text-xs text-ink-2">
      Words in the brief, title or tags
      <Search size={14} className="absolute bottom-2.5 left-3" aria-hidden />
      <input
        value={text}
        onChange={(event) => setText(event.target.value)}
        className={`mt-1 block w-full pl-8 ${FIELD}`}
      />
    </label>
  );
}
