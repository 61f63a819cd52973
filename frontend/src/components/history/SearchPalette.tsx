/** Find an ad or go somewhere by typing (Ctrl or Cmd and K). Tests: tests/components/test_SearchPalette.test.tsx */
import { LayoutGrid, Plus } from "lucide-react";
import { useEffect, useEffectEvent, useId, useRef, useState, type KeyboardEvent, type ReactNode } from "react";
import { useNavigate } from "react-router";
import type { GenerationSummary } from "@/api/types";
import { Dialog } from "@/components/ui/Dialog";
import { classes } from "@/components/ui/classes";
import { told } from "@/services/errors";
import { listAds } from "@/services/history";
import { nameOf, useHistory, withChanges } from "@/store/historyStore";
import { addressOf } from "./HistoryRow";
import { standing } from "./standing";
import { Thumbnail } from "./Thumbnail";

const WAIT_MS = 200;
const MOST = 8;

interface Entry {
  key: string;
  to: string;
  face: ReactNode;
}

const PLACES = [
  { key: "new", to: "/", name: "New ad", icon: <Plus size={16} aria-hidden /> },
  { key: "gallery", to: "/gallery", name: "Gallery", icon: <LayoutGrid size={16} aria-hidden /> },
];

export function SearchPalette({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  /** Enter came before the answer: the first that is found will be opened. */
  const [hurry, setHurry] = useState(false);
  const { rows, problem, settled } = useFound(text.trim());
  const navigate = useNavigate();
  const list = useId();
  const field = useRef<HTMLInputElement>(null);
  // After the dialog has opened, which puts the focus on its first button.
  useEffect(() => field.current?.focus(), []);
  const entries = [...rows.map(entryOf), ...placesFor(text)];
  const chosen = Math.min(at, entries.length - 1);
  const go = (entry: Entry | undefined) => {
    if (!entry) return;
    onClose();
    void navigate(entry.to);
  };
  const open = useEffectEvent(() => go(entries[0]));
  useEffect(() => {
    if (hurry && settled) open();
  }, [hurry, settled]);
  const step = (by: 1 | -1) => {
    const next = Math.max(0, Math.min(chosen + by, entries.length - 1));
    setAt(next);
    document.getElementById(`${list}-${next}`)?.scrollIntoView({ block: "nearest" });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown") step(1);
    else if (event.key === "ArrowUp") step(-1);
    else if (event.key === "Enter" && settled) go(entries[chosen]);
    else if (event.key === "Enter") setHurry(true);
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title="Search" onClose={onClose}>
      <input
        ref={field}
        role="combobox"
        aria-expanded={entries.length > 0}
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={entries[chosen] ? `${list}-${chosen}` : undefined}
        aria-label="Search your ads"
        placeholder="Search your ads"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
          setHurry(false);
        }}
        onKeyDown={onKeyDown}
        className="min-h-10 w-full rounded-control border border-line-strong bg-card px-3 placeholder:text-ink-3"
      />
      {problem && <p className="mt-3 text-sm text-poor">{problem}</p>}
      <div className="mt-3 min-h-60">
        <div id={list} role="listbox" aria-label="Found" className="flex flex-col gap-0.5">
          {entries.map((entry, index) => (
            // The keyboard is the field's: arrows choose, Enter opens.
            // eslint-disable-next-line jsx-a11y/click-events-have-key-events
            <div
              key={entry.key}
              id={`${list}-${index}`}
              role="option"
              tabIndex={-1}
              aria-selected={index === chosen}
              onClick={() => go(entry)}
              onMouseMove={() => setAt(index)}
              className={classes("min-h-11 cursor-pointer rounded-control p-2", index === chosen && "bg-raised")}
            >
              {entry.face}
            </div>
          ))}
        </div>
        {settled && !rows.length && !problem && text.trim() && <p className="p-2 text-ink-2">No ad matches.</p>}
      </div>
    </Dialog>
  );
}

/** The places whose name has the words; all of them while nothing is typed. */
function placesFor(text: string): Entry[] {
  return PLACES.filter(({ name }) => name.toLowerCase().includes(text.trim().toLowerCase())).map(
    ({ key, to, name, icon }) => ({ key, to, face: <Face icon={icon} name={name} /> }),
  );
}

function Face({ icon, name }: { icon: ReactNode; name: string }) {
  return (
    <span className="flex items-center gap-3">
      <span className="flex w-12 justify-center text-ink-2">{icon}</span>
      {name}
    </span>
  );
}

function entryOf(row: GenerationSummary): Entry {
  const name = nameOf(row);
  const face = (
    <span className="flex items-center gap-3">
      <Thumbnail url={row.thumbnail_url} name={name} className="w-12" />
      <span className="min-w-0">
        <span className="block truncate">{name}</span>
        <span className="block text-xs text-ink-2">{standing(row).text}</span>
      </span>
    </span>
  );
  return { key: row.id, to: addressOf(row), face };
}

interface Found {
  search: string | null;
  rows: GenerationSummary[];
  problem: string;
}

/** `settled`: the rows answer what is typed now. */
function useFound(search: string) {
  const [found, setFound] = useState<Found>({ search: null, rows: [], problem: "" });
  const { edits, deleted } = useHistory();
  useEffect(() => {
    let stale = false;
    const timer = setTimeout(
      () => {
        listAds({ limit: MOST, ...(search && { search }) }).then(
          ({ rows }) => !stale && setFound({ search, rows, problem: "" }),
          (error: unknown) => !stale && setFound({ search, rows: [], problem: told(error) }),
        );
      },
      search ? WAIT_MS : 0,
    );
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [search]);
  const { rows, problem } = found;
  return { rows: withChanges(rows, { edits, deleted }), problem, settled: found.search === search };
}
