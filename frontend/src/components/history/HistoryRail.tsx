/** The left rail: new ad, search, the newest ads with their live state. Tests: tests/components/test_HistoryRail.test.tsx */
import { HardDrive, LayoutGrid, Plus, Search } from "lucide-react";
import { useEffect } from "react";
import { Link, NavLink } from "react-router";
import { Button } from "@/components/ui/Button";
import { MAC } from "@/services/shortcuts";
import { useHistory, withChanges } from "@/store/historyStore";
import { usePipeline } from "@/store/pipelineStore";
import { useFree } from "@/store/studioStore";
import { HistoryRow } from "./HistoryRow";
import { unfinished } from "./standing";
import { useWaitingFirst } from "./useLive";

const FRESH_MS = 15_000;

interface HistoryRailProps {
  /** Signed in: the list can be asked for. */
  ready: boolean;
  onNavigate?: () => void;
  onSearch: () => void;
}

export function HistoryRail({ ready, onNavigate, onSearch }: HistoryRailProps) {
  useKeptFresh(ready);
  return (
    <aside aria-label="Your ads" className="flex h-full w-[252px] shrink-0 flex-col border-r border-line bg-rail">
      <div className="flex flex-col gap-1 p-3">
        <Link
          to="/"
          onClick={onNavigate}
          className="mb-2 flex min-h-10 items-center gap-3 rounded-control px-1 text-lg font-semibold"
        >
          <img src="/mark.svg" alt="" width={28} height={28} className="size-7" />
          AdMint
        </Link>
        <NavLink
          to="/"
          end
          onClick={onNavigate}
          className="flex min-h-10 items-center gap-2 rounded-control bg-accent px-3 font-semibold text-on-accent hover:bg-[#7bedc0]"
        >
          <Plus size={16} aria-hidden />
          New ad
          <Key text={MAC ? "⌥N" : "Alt N"} />
        </NavLink>
        <button
          type="button"
          onClick={onSearch}
          className="flex min-h-10 items-center gap-2 rounded-control px-3 text-ink-2 hover:bg-bubble hover:text-ink"
        >
          <Search size={16} aria-hidden />
          Search
          <Key text={MAC ? "⌘K" : "Ctrl K"} />
        </button>
        <NavLink
          to="/gallery"
          onClick={onNavigate}
          className="flex min-h-10 items-center gap-2 rounded-control px-3 text-ink-2 hover:bg-bubble hover:text-ink aria-[current=page]:bg-bubble aria-[current=page]:text-ink"
        >
          <LayoutGrid size={16} aria-hidden />
          Gallery
        </NavLink>
      </div>
      <nav aria-label="Recent ads" className="min-h-0 flex-1 overflow-y-auto px-3 pb-3">
        <h2 className="px-1 py-2 text-sm text-ink-2">Recent</h2>
        <Recent onNavigate={onNavigate} />
      </nav>
      <StudioCard />
    </aside>
  );
}

function Key({ text }: { text: string }) {
  return (
    <kbd aria-hidden className="ml-auto font-sans text-xs font-normal">
      {text}
    </kbd>
  );
}

function Recent({ onNavigate }: Pick<HistoryRailProps, "onNavigate">) {
  const { rows, next, loaded, problem, edits, deleted, load, more } = useHistory();
  const shown = useWaitingFirst(withChanges(rows, { edits, deleted }));
  return (
    <>
      {problem && (
        <div className="px-1 pb-2 text-sm text-ink-2">
          <p>{rows.length ? "This list may be out of date." : problem}</p>
          <Button className="mt-2" onClick={() => void load()}>
            Try again
          </Button>
        </div>
      )}
      {!loaded && !problem && <Skeleton />}
      {loaded && !shown.length && <p className="px-1 text-sm text-ink-3">Your ads will be listed here.</p>}
      <ul className="flex flex-col gap-0.5">
        {shown.map((row) => (
          <li key={row.id}>
            <HistoryRow row={row} onNavigate={onNavigate} />
          </li>
        ))}
      </ul>
      {next && (
        <Button variant="ghost" className="mt-1 w-full" onClick={() => void more()}>
          Show older
        </Button>
      )}
    </>
  );
}

function Skeleton() {
  return (
    <div aria-hidden className="flex flex-col gap-0.5">
      {[0, 1, 2].map((each) => (
        <div key={each} className="flex animate-breathe items-center gap-3 p-1.5">
          <span className="aspect-video w-13 rounded-thumb bg-bubble" />
          <span className="h-3 flex-1 rounded-full bg-bubble" />
        </div>
      ))}
    </div>
  );
}

function StudioCard() {
  const free = useFree();
  return (
    <div className="m-3 flex items-center gap-3 rounded-control border border-line px-3 py-2.5">
      <HardDrive size={18} className="text-accent" aria-hidden />
      <p className="text-sm leading-tight font-medium">
        {free ? "Local studio" : "Studio"}
        <span className="block text-xs font-normal text-ink-2">
          {free ? "No keys, no cost" : "A quote before every paid step"}
        </span>
      </p>
    </div>
  );
}

/** Load at the start, when the page is looked at again, while something moves, and when the session's ads change. */
function useKeptFresh(ready: boolean): void {
  const load = useHistory((state) => state.load);
  const moving = useHistory((state) => state.rows.some(unfinished));
  const known = usePipeline((state) => `${state.order.join()} ${state.connection.state === "disconnected"}`);
  const ended = usePipeline((state) => state.order.filter((id) => state.generations[id]?.completedAt).length);
  useEffect(() => {
    if (ready) void load();
  }, [load, ready, known, ended]);
  useEffect(() => {
    if (!ready) return;
    const onFocus = () => void load();
    window.addEventListener("focus", onFocus);
    const timer = moving ? setInterval(onFocus, FRESH_MS) : undefined;
    return () => {
      window.removeEventListener("focus", onFocus);
      clearInterval(timer);
    };
  }, [load, ready, moving]);
}
