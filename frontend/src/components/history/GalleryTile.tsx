/** One ad of the gallery. Tests: tests/routes/test_Gallery.test.tsx */
import { Columns2, Play, Star, Trash2 } from "lucide-react";
import type { MouseEvent } from "react";
import { Link } from "react-router";
import type { GenerationSummary } from "@/api/types";
import { IconButton } from "@/components/ui/Button";
import { classes } from "@/components/ui/classes";
import { nameOf, useHistory } from "@/store/historyStore";
import { addressOf, focusNext } from "./HistoryRow";
import { day, standing, waits } from "./standing";
import { Thumbnail } from "./Thumbnail";

export function GalleryTile({ row }: { row: GenerationSummary }) {
  const { edit, remove } = useHistory();
  const name = nameOf(row);
  const onDelete = (event: MouseEvent<HTMLElement>) => {
    focusNext(event.currentTarget);
    void remove(row);
  };
  return (
    <article className="overflow-hidden rounded-card border border-line bg-bubble focus-within:border-line-strong hover:border-line-strong">
      <Link to={addressOf(row)} className="group block rounded-t-card -outline-offset-2">
        <span className="relative block">
          <Thumbnail url={row.thumbnail_url} name={name} className="w-full rounded-b-none text-2xl" />
          {row.has_video && (
            <span className="absolute inset-0 m-auto flex size-11 items-center justify-center rounded-full bg-black/60 text-white group-hover:bg-black/80">
              <Play size={18} className="ml-0.5" fill="currentColor" aria-hidden />
            </span>
          )}
        </span>
        <h2 className="truncate px-4 pt-3 text-base font-medium" title={name}>
          {name}
        </h2>
      </Link>
      <div className="flex min-h-11 items-center pr-2 pb-1 pl-4">
        <Line row={row} />
        {row.group_id && (
          <Link
            to={`/compare/${row.group_id}`}
            aria-label={`Compare the variants of ${name}`}
            title="Compare the variants"
            className="inline-flex size-8 items-center justify-center rounded-control text-ink-2 hover:bg-raised hover:text-ink"
          >
            <Columns2 size={16} aria-hidden />
          </Link>
        )}
        <IconButton
          label={`${row.favourite ? "Remove from" : "Add to"} favourites: ${name}`}
          onClick={() => void edit(row, { favourite: !row.favourite })}
        >
          <Star
            size={16}
            fill={row.favourite ? "currentColor" : "none"}
            className={row.favourite ? "text-fair" : ""}
            aria-hidden
          />
        </IconButton>
        <IconButton label={`Delete ${name}`} onClick={onDelete}>
          <Trash2 size={16} aria-hidden />
        </IconButton>
      </div>
    </article>
  );
}

/** State and day; a finished ad's state has the day in it. */
function Line({ row }: { row: GenerationSummary }) {
  const { text, dot } = standing(row);
  return (
    <p className="tnum flex min-w-0 flex-1 items-center gap-1.5 text-sm text-ink-2">
      {dot && <span className={classes("size-2 shrink-0 rounded-full", dot)} aria-hidden />}
      <span className={classes("truncate", waits(row) && "text-fair")}>{text}</span>
      {row.status !== "completed" && <span className="shrink-0">· {day(row.created_at)}</span>}
    </p>
  );
}
