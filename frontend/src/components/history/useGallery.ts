/** The gallery's list: a page at a time, anew when the filters change. Tests: tests/routes/test_Gallery.test.tsx */
import { useCallback, useEffect, useRef, useState } from "react";
import type { GenerationSummary } from "@/api/types";
import { told } from "@/services/errors";
import { listAds } from "@/services/history";
import { useHistory, withChanges } from "@/store/historyStore";
import { queryOf } from "./GalleryFilters";

const PAGE = 24;

interface Shown {
  /** The filters these rows answer; null before the first answer. */
  asked: string | null;
  rows: GenerationSummary[];
  next: string | null;
}

interface Gallery {
  rows: GenerationSummary[];
  loading: boolean;
  problem: string;
  /** Load the next page; null on the last. */
  more: (() => void) | null;
  again: () => void;
}

export function useGallery(params: URLSearchParams): Gallery {
  const asked = JSON.stringify(queryOf(params));
  const [shown, setShown] = useState<Shown>({ asked: null, rows: [], next: null });
  const [problem, setProblem] = useState("");
  const [attempt, setAttempt] = useState(0);
  const loading = useRef("");
  useEffect(() => {
    let stale = false;
    listAds({ ...(JSON.parse(asked) as object), limit: PAGE }).then(
      ({ rows, next }) => {
        if (stale) return;
        setShown({ asked, rows, next });
        setProblem("");
      },
      (error: unknown) => !stale && setProblem(told(error)),
    );
    return () => {
      stale = true;
    };
  }, [asked, attempt]);
  const { next } = shown;
  const more = useCallback(() => {
    if (!next || loading.current === next) return;
    loading.current = next;
    listAds({ ...(JSON.parse(asked) as object), limit: PAGE, cursor: next }).then(
      (page) => {
        // Only for the list it belongs to: the filters may have changed meanwhile.
        setShown((now) => (now.asked === asked && now.next === next ? joined(now, page) : now));
        setProblem("");
      },
      (error: unknown) => {
        loading.current = "";
        setProblem(told(error));
      },
    );
  }, [asked, next]);
  const again = () => (problem && shown.asked === asked && next ? more() : setAttempt(attempt + 1));
  const settled = shown.asked === asked;
  return {
    rows: useFresh(shown.rows),
    loading: !settled && !problem,
    problem,
    more: settled && next ? more : null,
    again,
  };
}

function joined(now: Shown, page: Pick<Shown, "rows" | "next">): Shown {
  const known = new Set(now.rows.map((row) => row.id));
  return { ...now, rows: [...now.rows, ...page.rows.filter((row) => !known.has(row.id))], next: page.next };
}

/** The rail asks again every few seconds: what it knows of these ads is as good, and newer. */
function useFresh(rows: GenerationSummary[]): GenerationSummary[] {
  const { rows: newest, edits, deleted } = useHistory();
  const latest = new Map(newest.map((row) => [row.id, row]));
  const fresh = rows.map((row) => {
    const other = latest.get(row.id);
    return other && other.updated_at > row.updated_at ? other : row;
  });
  return withChanges(fresh, { edits, deleted });
}
