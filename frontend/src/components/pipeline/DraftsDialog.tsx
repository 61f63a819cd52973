/** All drafts of the story, newest first, to read. Loaded when asked for. Tests: tests/components/test_StoryDisplay.test.tsx */
import { Dialog } from "@/components/ui/Dialog";
import type { Draft } from "@/store/model";
import { StoryBody } from "./StoryDisplay";

export function DraftsDialog({ drafts, onClose }: { drafts: Draft[]; onClose: () => void }) {
  return (
    <Dialog title="Story drafts" onClose={onClose} wide>
      <div className="flex flex-col gap-4">
        {drafts
          .map((draft, index) => ({ draft, number: index + 1 }))
          .reverse()
          .map(({ draft, number }) => (
            <section
              key={number}
              aria-label={`Draft ${number}`}
              className="rounded-card border border-line bg-card p-5"
            >
              <p className="mb-2 text-sm text-ink-2">Draft {number}</p>
              <StoryBody draft={draft} />
            </section>
          ))}
      </div>
    </Dialog>
  );
}
