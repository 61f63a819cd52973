/**
 * Edit a scene in place: its on-screen words and its picture. Ctrl or Cmd and Enter saves, Esc leaves it as it was.
 * Tests: tests/components/test_SceneEditor.test.tsx
 */
import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import type { Copy, Scene, SceneChange } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { editScene } from "@/services/actions";
import type { Generation } from "@/store/model";

/** Characters, as the server takes them. */
const LIMITS = { kicker: 60, headline: 90, support: 140, items: 90, cta: 60, url: 120, description: 2000 } as const;
const MOST_ITEMS = 5;

interface Fields {
  kicker: string;
  headline: string;
  support: string;
  items: string;
  cta: string;
  url: string;
  description: string;
}

interface SceneEditorProps {
  generation: Generation;
  scene: Scene;
  /** The clips exist: saving renders this one again. */
  filmed: boolean;
  /** The last scene carries the call to action. */
  last: boolean;
  onDone: () => void;
}

export function SceneEditor({ generation, scene, filmed, last, onDone }: SceneEditorProps) {
  const before = fieldsOf(scene);
  const [fields, setFields] = useState(before);
  const [saving, setSaving] = useState(false);
  const first = useRef<HTMLTextAreaElement>(null);
  useEffect(() => first.current?.focus(), []);
  const change = changeOf(before, fields);
  const problem = problemOf(fields);
  const save = async () => {
    if (problem) return;
    if (!change) {
      onDone();
      return;
    }
    setSaving(true);
    const saved = await editScene(generation, scene.id, change);
    setSaving(false);
    if (saved) onDone();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      onDone();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void save();
    }
  };
  const { copy_text: copy } = scene;
  const shown: { name: keyof Fields; label: string; rows: number; help?: string }[] = [
    ...(copy.kicker ? [{ name: "kicker" as const, label: "Line above", rows: 1 }] : []),
    { name: "headline", label: "Headline", rows: 1 },
    { name: "support", label: "Line below", rows: 1 },
    ...(copy.items.length && !isBeats(before)
      ? [{ name: "items" as const, label: "List", rows: copy.items.length, help: "One line each" }]
      : []),
    ...(last || copy.cta ? [{ name: "cta" as const, label: "Call to action", rows: 1 }] : []),
    ...(last || copy.url ? [{ name: "url" as const, label: "Address", rows: 1 }] : []),
    { name: "description", label: "Picture", rows: 4, help: "What is seen" },
  ];
  return (
    // The keys belong to the fields inside.
    // eslint-disable-next-line jsx-a11y/no-static-element-interactions
    <div onKeyDown={onKeyDown} className="mt-2 flex flex-col gap-3 rounded-control border border-accent bg-card p-3">
      {shown.map(({ name, label, rows, help }, index) => (
        <Field
          key={name}
          label={label}
          help={help}
          rows={rows}
          limit={name === "items" ? null : LIMITS[name]}
          value={fields[name]}
          field={index === 0 ? first : undefined}
          onChange={(value) => setFields({ ...fields, [name]: value })}
        />
      ))}
      {problem && (
        <p role="alert" className="text-sm text-poor">
          {problem}
        </p>
      )}
      <div className="flex flex-wrap items-center gap-2">
        <Button variant="primary" disabled={saving || Boolean(problem)} onClick={() => void save()}>
          Save
        </Button>
        <Button onClick={onDone}>Cancel</Button>
        <p className="ml-auto text-xs text-ink-2">
          {filmed ? `Saving re-renders clip ${scene.id} only` : `Only scene ${scene.id} changes`}
        </p>
      </div>
    </div>
  );
}

interface FieldProps {
  label: string;
  help?: string | undefined;
  rows: number;
  limit: number | null;
  value: string;
  field?: React.RefObject<HTMLTextAreaElement | null> | undefined;
  onChange: (value: string) => void;
}

function Field({ label, help, rows, limit, value, field, onChange }: FieldProps) {
  const id = useId();
  const near = limit !== null && value.length > limit * 0.8;
  return (
    <div>
      <label htmlFor={id} className="mb-1 flex justify-between gap-2 text-xs text-ink-2">
        <span>
          {label}
          {help && <span className="text-ink-3"> · {help}</span>}
        </span>
        {near && (
          <span className={value.length > limit ? "tnum text-poor" : "tnum"}>
            {value.length} of {limit}
          </span>
        )}
      </label>
      <textarea
        id={id}
        ref={field}
        rows={rows}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className="field-sizing-content max-h-48 min-h-8 w-full resize-none rounded-thumb border border-line-strong bg-canvas px-2.5 py-1.5 text-sm"
      />
    </div>
  );
}

function fieldsOf({ copy_text: copy, description }: Scene): Fields {
  const { kicker, headline, support, items, cta, url } = copy;
  const text = (value: string | null) => value ?? "";
  const words = { kicker: text(kicker), headline, support: text(support), cta: text(cta), url: text(url) };
  return { ...words, items: items.join("\n"), description };
}

/** What changed, and only that; null when nothing did. An empty string clears a line. */
export function changeOf(before: Fields, after: Fields): SceneChange | null {
  const names = (Object.keys(before) as (keyof Fields)[]).filter((name) => before[name].trim() !== after[name].trim());
  if (!names.length) return null;
  const empty: SceneChange = {
    description: null,
    kicker: null,
    headline: null,
    support: null,
    items: null,
    cta: null,
    url: null,
  };
  const given = names.map((name) => [name, name === "items" ? lines(after.items) : after[name].trim()] as const);
  const change: SceneChange = { ...empty, ...(Object.fromEntries(given) as Partial<SceneChange>) };
  return isBeats(before) && names.includes("headline") ? { ...change, items: beatsOf(after.headline) } : change;
}

/** True when the list is the headline again, cut into the beats that are shown one after another. */
function isBeats({ headline, items }: Fields): boolean {
  return items !== "" && lines(items).join(" ") === headline.trim();
}

/** A new headline in beats, a sentence each; none where that is no list the server takes: it then cuts by itself. */
function beatsOf(headline: string): Copy["items"] {
  const beats = headline.trim().split(/(?<=[.!?])\s+/);
  return beats.length > 1 && beats.length <= MOST_ITEMS ? beats : [];
}

function lines(text: string): Copy["items"] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

function problemOf(fields: Fields): string {
  if (!fields.description.trim()) return "Say in a few words what is seen.";
  const long = (Object.keys(LIMITS) as (keyof Fields)[]).find(
    (name) => name !== "items" && fields[name].length > LIMITS[name],
  );
  if (long) return `That is too long: ${LIMITS[long]} characters at most in this field.`;
  const items = lines(fields.items);
  if (items.length > MOST_ITEMS) return `A list has ${MOST_ITEMS} lines at most.`;
  return items.some((line) => line.length > LIMITS.items)
    ? `A line of the list has ${LIMITS.items} characters at most.`
    : "";
}
