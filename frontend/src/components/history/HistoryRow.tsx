/** One ad of the rail: open, favourite, rename, delete. Tests: tests/components/test_HistoryRail.test.tsx */
import { Pencil, Star, Trash2 } from "lucide-react";
import { useRef, useState, type MouseEvent } from "react";
import { Link, useLocation, useNavigate } from "react-router";
import type { GenerationSummary } from "@/api/types";
import { IconButton } from "@/components/ui/Button";
import { classes } from "@/components/ui/classes";
import { nameOf, useHistory } from "@/store/historyStore";
import { usePipeline } from "@/store/pipelineStore";
import { Rename } from "./Rename";
import { standing, waits } from "./standing";
import { Thumbnail } from "./Thumbnail";
import { useLive } from "./useLive";

interface HistoryRowProps {
  row: GenerationSummary;
  onNavigate?: (() => void) | undefined;
}

export function addressOf(row: Pick<GenerationSummary, "id" | "session_id">): string {
  return `/s/${row.session_id ?? ""}?g=${row.id}`;
}

export function HistoryRow({ row: listed, onNavigate }: HistoryRowProps) {
  const { row, clips } = useLive(listed);
  const [renaming, setRenaming] = useState(false);
  const link = useRef<HTMLAnchorElement>(null);
  const { pathname } = useLocation();
  const current = usePipeline((state) => state.currentId === row.id);
  const here = current && pathname === `/s/${row.session_id}`;
  const { text, dot } = standing(row, clips);
  const name = nameOf(row);
  const onRenamed = () => {
    setRenaming(false);
    requestAnimationFrame(() => link.current?.focus());
  };
  if (renaming) return <Rename row={row} onDone={onRenamed} />;
  return (
    <div
      className={classes("group relative rounded-control hover:bg-bubble focus-within:bg-bubble", here && "bg-bubble")}
    >
      <Link
        ref={link}
        to={addressOf(row)}
        onClick={onNavigate}
        aria-current={here ? "page" : undefined}
        className="flex min-w-0 items-center gap-3 rounded-control p-1.5"
      >
        <Thumbnail url={row.thumbnail_url} name={name} className="w-13" />
        <span className="min-w-0 flex-1">
          <span className="block truncate text-sm font-medium" title={name}>
            {name}
          </span>
          <span className={classes("flex items-center gap-1.5 text-xs", waits(row) ? "text-fair" : "text-ink-2")}>
            {dot && <span className={classes("size-1.5 shrink-0 rounded-full", dot)} aria-hidden />}
            <span className="tnum truncate">{text}</span>
            {row.favourite && (
              <Star size={11} role="img" fill="currentColor" className="shrink-0 text-fair" aria-label="Favourite" />
            )}
          </span>
        </span>
      </Link>
      <RowActions row={row} name={name} here={here} onRename={() => setRenaming(true)} />
    </div>
  );
}

interface RowActionsProps {
  row: GenerationSummary;
  name: string;
  here: boolean;
  onRename: () => void;
}

/** Over the row's end, for pointer and keyboard; with a finger on the ad that is open. */
function RowActions({ row, name, here, onRename }: RowActionsProps) {
  const { edit, remove } = useHistory();
  const navigate = useNavigate();
  const onDelete = async (event: MouseEvent<HTMLElement>) => {
    focusNext(event.currentTarget);
    if ((await remove(row)) && here) void navigate("/");
  };
  return (
    <span
      className={classes(
        "absolute inset-y-0 right-0 flex items-center rounded-control bg-bubble px-1",
        "pointer-events-none opacity-0 group-hover:pointer-events-auto group-hover:opacity-100",
        "group-focus-within:pointer-events-auto group-focus-within:opacity-100",
        here && "pointer-coarse:pointer-events-auto pointer-coarse:opacity-100",
      )}
    >
      <IconButton
        label={`${row.favourite ? "Remove from" : "Add to"} favourites: ${name}`}
        onClick={() => void edit(row, { favourite: !row.favourite })}
      >
        <Star
          size={14}
          fill={row.favourite ? "currentColor" : "none"}
          className={row.favourite ? "text-fair" : ""}
          aria-hidden
        />
      </IconButton>
      <IconButton label={`Rename ${name}`} onClick={onRename}>
        <Pencil size={14} aria-hidden />
      </IconButton>
      <IconButton label={`Delete ${name}`} onClick={(event) => void onDelete(event)}>
        <Trash2 size={14} aria-hidden />
      </IconButton>
    </span>
  );
}

/** The row goes and with it the focus: hand it to a neighbour, so that the keyboard does not start from the top. */
export function focusNext(inside: HTMLElement): void {
  const item = inside.closest("li");
  const neighbour = item?.nextElementSibling ?? item?.previousElementSibling;
  neighbour?.querySelector<HTMLElement>("a")?.focus();
}
