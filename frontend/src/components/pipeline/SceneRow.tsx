/** One scene: still, words, picture, and what may be done with it. Tests: tests/components/test_SceneList.test.tsx */
import { ArrowDown, ArrowUp, Pencil, RotateCcw } from "lucide-react";
import { useEffect, useRef, useState, type KeyboardEvent } from "react";
import type { Scene } from "@/api/types";
import { Button, IconButton } from "@/components/ui/Button";
import { regenerateScene, retryClip } from "@/services/actions";
import type { Generation } from "@/store/model";
import { Lines } from "./Lines";
import { SceneEditor } from "./SceneEditor";
import { capital, seconds } from "./StoryDisplay";
import { faultsFound } from "./StoryScore";

interface SceneRowProps {
  generation: Generation;
  scene: Scene;
  editing: boolean;
  onEdit: (on: boolean) => void;
  /** Move up (-1) or down (1); null when the order is settled. */
  onMove: ((by: -1 | 1) => void) | null;
  first: boolean;
  last: boolean;
}

export function SceneRow({ generation, scene, editing, onEdit, onMove, first, last }: SceneRowProps) {
  const [wishing, setWishing] = useState(false);
  const row = useRef<HTMLDivElement>(null);
  const open = generation.gate?.stage === "scenes";
  const editable = open || generation.actions.includes("edit_scene");
  const clip = generation.clips[scene.id];
  const onKeyDown = (event: KeyboardEvent) => {
    if (!event.altKey || !onMove || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    onMove(event.key === "ArrowUp" ? -1 : 1);
  };
  const endEdit = () => {
    onEdit(false);
    row.current?.focus();
  };
  const endWish = () => {
    setWishing(false);
    row.current?.focus();
  };
  return (
    // The row takes focus for j and k and for moving by Alt and the arrow keys; its buttons do the same by mouse.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <div
      ref={row}
      role="group"
      aria-label={`Scene ${scene.id}`}
      data-scene={scene.id}
      tabIndex={-1}
      onKeyDown={onKeyDown}
      className="group flex gap-3 py-3 pr-3 pl-6 -outline-offset-2"
    >
      <Still url={clip?.poster_url ?? generation.storyboard[scene.id]} />
      <div className="min-w-0 flex-1">
        <p className="tnum text-xs text-ink-2">
          <span className="font-semibold text-ink">{scene.id}</span> {capital(scene.beat)} · {seconds(scene.duration)}
          <TextVerdict scene={scene} />
        </p>
        {editing ? (
          <SceneEditor generation={generation} scene={scene} filmed={!open} last={last} onDone={endEdit} />
        ) : (
          <>
            <Lines copy={scene.copy_text} />
            <Picture text={scene.description} gist={gistOf(generation, scene)} />
            {wishing && <Wish onSend={(wish) => regenerateScene(generation, scene.id, wish)} onDone={endWish} />}
            {!open && <Stale generation={generation} sceneId={scene.id} />}
          </>
        )}
      </div>
      {!editing && (
        <RowButtons
          id={scene.id}
          move={onMove && { by: onMove, first, last }}
          onEdit={editable ? () => onEdit(true) : null}
          wish={open ? { on: wishing, toggle: () => setWishing(!wishing) } : null}
        />
      )}
    </div>
  );
}

/** What the critic made of the text. A rule that found no fault is not worth a word. */
function TextVerdict({ scene }: { scene: Scene }) {
  const { quality_score: score, rounds } = scene;
  if (score === null) return null;
  const critique = rounds.find((each) => each.critique.score === score)?.critique;
  if (critique?.by_rules && !critique.issues.length) return null;
  return (
    <span title={`The critic's score of the text: ${score.toFixed(1)} of 10`}>
      <span className="sr-only">, text score</span> ·{" "}
      {critique?.by_rules ? faultsFound(critique) : `${score.toFixed(1)} of 10`}
    </span>
  );
}

function Still({ url }: { url: string | undefined }) {
  const look = "hidden aspect-video w-28 shrink-0 self-start rounded-thumb bg-raised sm:block";
  if (!url) return <span className={look} aria-hidden />;
  return (
    <img src={url} alt="" width={112} height={63} loading="lazy" decoding="async" className={`${look} object-cover`} />
  );
}

/** The scene changed after the clip was made, and nobody has made it anew. */
function Stale({ generation, sceneId }: { generation: Generation; sceneId: number }) {
  const clip = generation.clips[sceneId];
  if (clip?.freshness !== "stale" || clip.status !== "complete") return null;
  return (
    <p className="mt-2 flex flex-wrap items-center gap-2 text-sm text-fair">
      This clip is out of date.
      {generation.actions.includes("retry_clip") && (
        <Button onClick={() => void retryClip(generation, sceneId)}>Render it again</Button>
      )}
    </p>
  );
}

interface RowButtonsProps {
  id: number;
  move: { by: (by: -1 | 1) => void; first: boolean; last: boolean } | null;
  onEdit: (() => void) | null;
  wish: { on: boolean; toggle: () => void } | null;
}

function RowButtons({ id, move, onEdit, wish }: RowButtonsProps) {
  return (
    <div className="flex shrink-0 flex-col sm:flex-row sm:items-start">
      {move && (
        // Quiet until the row is pointed at or has the focus; where nothing can hover, always there.
        <div className="flex flex-col transition-opacity sm:flex-row pointer-fine:opacity-0 pointer-fine:group-focus-within:opacity-100 pointer-fine:group-hover:opacity-100">
          <IconButton label={`Move scene ${id} up`} disabled={move.first} onClick={() => move.by(-1)}>
            <ArrowUp size={16} aria-hidden />
          </IconButton>
          <IconButton label={`Move scene ${id} down`} disabled={move.last} onClick={() => move.by(1)}>
            <ArrowDown size={16} aria-hidden />
          </IconButton>
        </div>
      )}
      {onEdit && (
        <IconButton label={`Edit scene ${id}`} data-act="edit" onClick={onEdit}>
          <Pencil size={16} aria-hidden />
        </IconButton>
      )}
      {wish && (
        <IconButton
          label={`Write scene ${id} again`}
          data-act="regenerate"
          aria-expanded={wish.on}
          onClick={wish.toggle}
        >
          <RotateCcw size={16} aria-hidden />
        </IconButton>
      )}
    </div>
  );
}

/** What the story says is seen, where the scene's description still says it word by word. */
function gistOf({ drafts }: Generation, { id, description }: Scene): string {
  const told = drafts.at(-1)?.story.scenes.find((scene) => scene.id === id)?.visual ?? "";
  return told && description.includes(told) ? told : "";
}

/** What is seen. The description is long, for every scene repeats the look that all share: its gist until asked for. */
function Picture({ text, gist }: { text: string; gist: string }) {
  const [all, setAll] = useState(false);
  const short = gist || text;
  return (
    <p className="mt-1 text-sm text-ink-2">
      <span className={all ? "" : "line-clamp-2"}>{all ? text : short}</span>
      {(short !== text || text.length > 140) && (
        <button
          type="button"
          className="min-h-8 rounded-thumb pr-2 text-xs text-ink-3 underline underline-offset-2 hover:text-ink"
          aria-expanded={all}
          onClick={() => setAll(!all)}
        >
          {all ? "Less" : "Full description"}
        </button>
      )}
    </p>
  );
}

function Wish({ onSend, onDone }: { onSend: (wish: string) => void; onDone: () => void }) {
  const [text, setText] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  return (
    <form
      className="mt-2 flex flex-wrap gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        onSend(text.trim());
        onDone();
      }}
    >
      <input
        ref={field}
        value={text}
        maxLength={2000}
        aria-label="What should change? (optional)"
        placeholder="What should change? (optional)"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape") return;
          event.stopPropagation();
          onDone();
        }}
        className="min-h-8 min-w-0 flex-1 rounded-control border border-line-strong bg-card px-3 text-sm placeholder:text-ink-3"
      />
      <Button type="submit" variant="primary">
        Write again
      </Button>
      <Button variant="ghost" onClick={onDone}>
        Cancel
      </Button>
    </form>
  );
}
