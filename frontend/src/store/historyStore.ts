/**
 * The newest ads for the rail, and what was changed by hand in any list: it shows at once and everywhere, and is taken
 * back when the server refuses. Tests: tests/store/test_historyStore.test.ts
 */
import { create } from "zustand";
import type { GenerationSummary } from "@/api/types";
import { fetchGeneration } from "@/services/api";
import { deleteAd, editAd, listAds, restoreAd, type Change } from "@/services/history";
import { ApiError, told } from "@/services/errors";
import { refreshSoon } from "@/services/session";
import { usePipeline } from "./pipelineStore";
import { useToasts } from "./toastStore";

const PAGE = 30;
/** Of an edit the server has not answered yet: newer than any list. */
const PENDING = Number.MAX_SAFE_INTEGER;

interface Edited {
  title: string | null;
  favourite: boolean;
  version: number;
}

export interface Changes {
  edits: Record<string, Edited>;
  deleted: Record<string, true>;
}

interface HistoryStore extends Changes {
  rows: GenerationSummary[];
  /** Cursor of the next page; null on the last. */
  next: string | null;
  loaded: boolean;
  problem: string;
  /** The first page anew; older pages stay. */
  load: () => Promise<void>;
  more: () => Promise<void>;
  edit: (row: GenerationSummary, change: Change) => Promise<void>;
  /** Delete, with a way back. Answers whether it was deleted. */
  remove: (row: GenerationSummary) => Promise<boolean>;
}

export const useHistory = create<HistoryStore>()((set, get) => {
  let asked = 0;
  const fail = (error: unknown) => useToasts.getState().show({ text: told(error), tone: "error" });
  const edited = (id: string, edit: Edited | undefined) =>
    set(({ edits }) => ({ edits: edit ? { ...edits, [id]: edit } : without(edits, id) }));
  const hide = (id: string) => set((state) => ({ deleted: { ...state.deleted, [id]: true } }));
  const unhide = (id: string) => set(({ deleted }) => ({ deleted: without(deleted, id) }));
  const restore = async (id: string) => {
    try {
      await restoreAd(id);
    } catch (error) {
      fail(error);
      return;
    }
    unhide(id);
    await get().load();
  };
  return {
    rows: [],
    next: null,
    loaded: false,
    problem: "",
    edits: {},
    deleted: {},
    load: async () => {
      const mine = ++asked;
      try {
        const page = await listAds({ limit: PAGE });
        if (mine === asked) set((state) => ({ ...refreshed(state, page), loaded: true, problem: "" }));
      } catch (error) {
        if (mine === asked) set({ problem: told(error) });
      }
    },
    more: async () => {
      const { next } = get();
      if (!next) return;
      try {
        const page = await listAds({ limit: PAGE, cursor: next });
        if (get().next === next)
          set((state) => ({ rows: joined(state.rows, page.rows), next: page.next, problem: "" }));
      } catch (error) {
        set({ problem: told(error) });
      }
    },
    edit: async (row, change) => {
      const before = get().edits[row.id];
      edited(row.id, { title: row.title, favourite: row.favourite, ...change, version: PENDING });
      try {
        const { title, favourite, version } = await saved(row, change);
        edited(row.id, { title, favourite, version });
        if (usePipeline.getState().generations[row.id]) refreshSoon(row.id);
      } catch (error) {
        edited(row.id, before);
        fail(error);
        await get().load();
      }
    },
    remove: async (row) => {
      hide(row.id);
      try {
        await deleteAd(row.id);
      } catch (error) {
        // Gone already, by another tab: as wished.
        if (!(error instanceof ApiError && error.status === 404)) {
          unhide(row.id);
          fail(error);
          return false;
        }
      }
      const text = `“${nameOf(row)}” was deleted.`;
      useToasts.getState().show({ text, tone: "info", action: { label: "Undo", run: () => void restore(row.id) } });
      return true;
    },
  };
});

/** Every step of a run raises the version: only another title by somebody else is a conflict. */
async function saved(row: GenerationSummary, change: Change): Promise<GenerationSummary> {
  try {
    return await editAd(row.id, change, row.version);
  } catch (error) {
    if (!(error instanceof ApiError && error.code === "conflict")) throw error;
    const now = await fetchGeneration(row.id);
    if (change.title !== undefined && row.title !== null && now.title !== row.title) throw error;
    return editAd(row.id, change, now.version);
  }
}

type Pages = Pick<HistoryStore, "rows" | "next">;

/** The new first page, then what is older than it and was on show. */
function refreshed({ rows, next }: Pages, page: Pages): Pages {
  const last = page.rows.at(-1);
  if (!last || page.next === null) return page;
  const older = rows.filter((row) => row.created_at < last.created_at);
  return older.length ? { rows: joined(page.rows, older), next } : page;
}

function without<T>(record: Record<string, T>, id: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== id));
}

function joined(rows: GenerationSummary[], more: GenerationSummary[]): GenerationSummary[] {
  const known = new Set(rows.map((row) => row.id));
  return [...rows, ...more.filter((row) => !known.has(row.id))];
}

/** A list with what was changed by hand since it was loaded. */
export function withChanges(rows: readonly GenerationSummary[], { edits, deleted }: Changes): GenerationSummary[] {
  return rows
    .filter((row) => !deleted[row.id])
    .map((row) => {
      const edit = edits[row.id];
      if (!edit || edit.version < row.version) return row;
      return { ...row, ...edit, version: edit.version === PENDING ? row.version : edit.version };
    });
}

/** Title, or the beginning of the brief. */
export function nameOf(row: Pick<GenerationSummary, "title" | "prompt" | "variant">): string {
  const name = row.title ?? row.prompt;
  return row.variant ? `${name} · ${row.variant}` : name;
}
