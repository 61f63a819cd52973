/**
 * What is being made right now, as the skeleton of the card to come, with the text as it is written (FR64).
 * Outside the feed's log: a streamed sentence is not announced. Tests: tests/components/test_WorkingCard.test.tsx
 */
import { Card } from "@/components/ui/Card";
import type { Generation } from "@/store/model";
import { ReferencesPending } from "./ReferenceImages";

export function WorkingCard({ generation }: { generation: Generation }) {
  if (generation.substage || generation.gate) return null;
  switch (generation.status) {
    case "pending":
      return <Writing label="Story" text="" note={generation.note || "Waiting for its turn"} />;
    case "story":
      return <Writing label="Story" text={generation.writing} note={generation.note || "Writing the story"} />;
    case "references":
      return <ReferencesPending />;
    case "scenes":
      return <Writing label="Scenes" text={generation.writing} note={generation.note || "Writing the scenes"} />;
    default:
      return null;
  }
}

function Writing({ label, text, note }: { label: string; text: string; note: string }) {
  return (
    <Card label={label}>
      {text ? (
        <p className="max-w-[64ch] text-ink-2">{text}</p>
      ) : (
        <div className="flex flex-col gap-3" aria-hidden>
          <span className="h-3 w-2/5 animate-breathe rounded-full bg-raised" />
          <span className="h-3 w-full animate-breathe rounded-full bg-raised" />
          <span className="h-3 w-4/5 animate-breathe rounded-full bg-raised" />
        </div>
      )}
      <p className="mt-4 text-sm text-ink-2">{note}…</p>
    </Card>
  );
}
