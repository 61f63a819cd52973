/**
 * A draft of the story (AC-5.2): title, arc, what is read in each scene, the critic's score out of ten. The last draft
 * can be approved while its gate is open; earlier ones are one line. Tests: tests/components/test_StoryDisplay.test.tsx
 */
import { Check } from "lucide-react";
import { useState } from "react";
import { NOT_LOADED } from "@/components/money/notLoaded";
import { Button } from "@/components/ui/Button";
import { Card } from "@/components/ui/Card";
import { later } from "@/components/ui/later";
import type { Story } from "@/api/types";
import { approve, refine, regenerate } from "@/services/actions";
import { answered } from "@/store/gate";
import type { Draft, Generation } from "@/store/model";
import { Lines } from "./Lines";
import { StoryScore } from "./StoryScore";

const PaidApproval = later(() => import("@/components/money/PaidApproval").then((module) => module.PaidApproval));
const DraftsDialog = later(() => import("./DraftsDialog").then((module) => module.DraftsDialog));

interface StoryDisplayProps {
  generation: Generation;
  draft: number;
}

export function StoryDisplay({ generation, draft: index }: StoryDisplayProps) {
  const draft = generation.drafts[index];
  const last = index === generation.drafts.length - 1;
  const [open, setOpen] = useState(false);
  if (!draft) return null;
  if (!last) {
    return (
      <div className="text-sm text-ink-2">
        <button type="button" aria-expanded={open} className="min-h-8 rounded-thumb" onClick={() => setOpen(!open)}>
          Draft {index + 1} ·{" "}
          <span className="underline decoration-line-strong underline-offset-4">{headline(draft.story)}</span>
        </button>
        {open && (
          <div className="mt-2 rounded-card border border-line bg-card p-5">
            <StoryBody draft={draft} />
          </div>
        )}
      </div>
    );
  }
  return (
    <Card label="Story">
      <StoryBody draft={draft} />
      {generation.gate?.stage === "story" ? <Answers generation={generation} /> : <Approved generation={generation} />}
    </Card>
  );
}

/** The first words of the film tell drafts apart better than the title, which is often the product's name. */
function headline(story: Story): string {
  return story.scenes[0]?.copy_text.headline || story.title;
}

export function StoryBody({ draft: { story, critique } }: { draft: Draft }) {
  return (
    <>
      <div className="flex flex-wrap items-start justify-between gap-3">
        <h2 className="text-lg font-semibold">{story.title}</h2>
        <StoryScore critique={critique} label="story score" />
      </div>
      <p className="mt-2 max-w-[64ch] text-ink-2">{story.narrative}</p>
      <ol className="mt-4 flex flex-col gap-2">
        {story.scenes.map((scene) => (
          <li key={scene.id} className="flex gap-3">
            <span className="tnum w-4 shrink-0 pt-px text-right text-sm text-ink-3">{scene.id}</span>
            <span className="min-w-0">
              <Lines copy={scene.copy_text} />
              <span className="block text-xs text-ink-3">
                {capital(scene.beat)} · {seconds(scene.duration)}
              </span>
            </span>
          </li>
        ))}
      </ol>
      {story.question && <p className="mt-4 max-w-[64ch]">{story.question}</p>}
      {story.notes.length > 0 && (
        <ul className="mt-4 flex flex-col gap-1 text-sm text-ink-2">
          {story.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
      <p className="mt-3 text-xs text-ink-3">
        {story.framework} · Written by the {story.writer}
      </p>
    </>
  );
}

function Answers({ generation }: { generation: Generation }) {
  // One word at a time: the next draft closes this gate.
  const sending = answered(generation);
  const paid = Number(generation.gate?.quote?.total_usd ?? 0) > 0;
  return (
    <div className="mt-5 flex flex-wrap gap-2">
      {paid ? (
        <div className="mb-2 w-full border-t border-line pt-4">
          <PaidApproval generation={generation} label="Looks good" blocked={false} broken={NOT_LOADED} />
        </div>
      ) : (
        <Button
          variant="primary"
          disabled={sending}
          icon={<Check size={14} aria-hidden />}
          onClick={() => approve(generation)}
        >
          Looks good
        </Button>
      )}
      <Button disabled={sending} onClick={() => refine(generation, "Make it more dramatic")}>
        More dramatic
      </Button>
      <Button disabled={sending} onClick={() => refine(generation, "Make it shorter, with fewer words")}>
        Shorter
      </Button>
      <Button disabled={sending} onClick={() => regenerate(generation)}>
        Regenerate
      </Button>
    </div>
  );
}

function Approved({ generation }: { generation: Generation }) {
  const [open, setOpen] = useState(false);
  const approved = generation.feed.some(
    (item) => item.kind === "said" && item.stage === "story" && item.action === "approve",
  );
  const count = generation.drafts.length;
  if (!approved && count < 2) return null;
  return (
    <div className="mt-4 flex flex-wrap items-center justify-between gap-2 text-sm text-ink-2">
      <p className="flex items-center gap-2">
        {approved && <Check size={14} className="text-accent" aria-hidden />}
        {approved && "You approved this"}
        {approved && count > 1 && " · "}
        {count > 1 && `draft ${count} of ${count}`}
      </p>
      {count > 1 && (
        <Button variant="ghost" onClick={() => setOpen(true)}>
          See drafts
        </Button>
      )}
      {open && (
        <DraftsDialog drafts={generation.drafts} onClose={() => setOpen(false)} onFailed={() => setOpen(false)} />
      )}
    </div>
  );
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function seconds(value: number): string {
  return `${Number.isInteger(value) ? value : value.toFixed(1)} s`;
}
