/** The field in a row's place to give an ad another name. Tests: tests/components/test_HistoryRail.test.tsx */
import { useRef, useState } from "react";
import type { GenerationSummary } from "@/api/types";
import { useHistory } from "@/store/historyStore";

export function Rename({ row, onDone }: { row: GenerationSummary; onDone: () => void }) {
  const edit = useHistory((state) => state.edit);
  const [title, setTitle] = useState(row.title ?? "");
  /** Leaving the page's tree blurs the field: what was saved or dropped is not saved again. */
  const over = useRef(false);
  const end = (save: boolean) => {
    if (over.current) return;
    over.current = true;
    const given = title.trim();
    if (save && given && given !== row.title) void edit(row, { title: given });
    onDone();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        end(true);
      }}
    >
      <input
        // The field appears because its pencil was pressed: focus belongs in it.
        // eslint-disable-next-line jsx-a11y/no-autofocus
        autoFocus
        aria-label="New name"
        value={title}
        placeholder="Name of the ad"
        maxLength={200}
        onChange={(event) => setTitle(event.target.value)}
        onFocus={(event) => event.target.select()}
        onBlur={() => end(true)}
        onKeyDown={(event) => {
          if (event.key === "Escape") end(false);
        }}
        className="min-h-11 w-full rounded-control border border-accent bg-card px-3 text-sm placeholder:text-ink-3"
      />
    </form>
  );
}
