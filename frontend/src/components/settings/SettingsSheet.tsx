/**
 * Every option of a run (FR51-56), checked before it is sent. The defaults shown are the server's own.
 * Tests: tests/components/test_SettingsSheet.test.tsx
 */
import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { ProviderSettings } from "@/components/money/ProviderSettings";
import { scoreName } from "@/components/quality/scoreState";
import { DEFAULTS, useComposer } from "@/store/composerStore";
import { useStudio } from "@/store/studioStore";
import { addressProblem, thresholdProblem } from "./checks";
import { NumberField, Section, Switch, TextField } from "./fields";
import { VariantsField } from "./VariantsField";

export function SettingsSheet({ onClose }: { onClose: () => void }) {
  const set = useComposer((state) => state.set);
  const [resets, setResets] = useState(0);
  const reset = () => {
    // What is chosen beside the text is not in this sheet.
    const { framework, frameworkText, durationS, aspectRatio } = useComposer.getState().options;
    set({ ...DEFAULTS, framework, frameworkText, durationS, aspectRatio });
    setResets(resets + 1);
  };
  return (
    <Dialog
      title="Settings of this ad"
      sheet
      onClose={onClose}
      footer={
        <>
          <Button variant="ghost" onClick={reset}>
            Back to defaults
          </Button>
          <Button variant="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      <div key={resets} className="flex flex-col gap-7">
        <ProviderSettings />
        <Words />
        <VariantsField />
        <Stops />
        <Film />
        <Copywriting />
        <Scores />
      </div>
    </Dialog>
  );
}

function Words() {
  const { brand, cta, url } = useComposer((state) => state.options);
  const set = useComposer((state) => state.set);
  return (
    <Section title="Exact words">
      <TextField
        label="Brand"
        help="Spelled as it should be seen"
        value={brand}
        limit={60}
        onChange={(value) => set({ brand: value })}
      />
      <TextField
        label="Call to action"
        help="The last line, for example “Order today”"
        value={cta}
        limit={60}
        onChange={(value) => set({ cta: value })}
      />
      <TextField
        label="Address"
        help="Shown at the end"
        value={url}
        limit={120}
        problem={addressProblem(url)}
        onChange={(value) => set({ url: value })}
      />
    </Section>
  );
}

function Stops() {
  const { interactive, overrides } = useComposer((state) => state.options);
  const set = useComposer((state) => state.set);
  const stage = (name: string) => overrides[`stages.${name}`] !== false;
  const turn = (name: string, on: boolean) =>
    set({ overrides: changed(overrides, `stages.${name}`, on ? undefined : false) });
  return (
    <Section title="Steps">
      <Switch
        label="Hands free"
        help="Don't stop for your word after the story and the scenes"
        on={!interactive}
        onChange={(on) => set({ interactive: !on })}
      />
      <Switch
        label="Improve the story in rounds"
        help="Off: one draft, no critic, no stop"
        on={stage("story")}
        onChange={(on) => turn("story", on)}
      />
      <Switch
        label="Make reference images"
        help="Off: only your own images are used"
        on={stage("reference_images")}
        onChange={(on) => turn("reference_images", on)}
      />
      <Switch
        label="Improve the scenes in rounds"
        help="Off: scenes come from the story as they are, no stop"
        on={stage("scenes")}
        onChange={(on) => turn("scenes", on)}
      />
      <Switch
        label="Render the film"
        help="Off: it ends with a storyboard"
        on={stage("videos")}
        onChange={(on) => turn("videos", on)}
      />
    </Section>
  );
}

function Film() {
  return (
    <Section title="Film">
      <Setting name="scene_count" label="Scenes" help="Empty: planned from the length" min={1} max={10} />
      <Setting name="fps" label="Frames a second" min={10} max={60} />
      <Setting
        name="video_max_concurrent"
        label="Clips at a time"
        help="At most; this machine may do fewer"
        min={1}
        max={10}
      />
      <Seed />
    </Section>
  );
}

function Copywriting() {
  return (
    <Section title="Writing">
      <Setting
        name="story_max_iterations"
        label="Rounds for the story"
        help="At most; it stops early when the score is reached"
        min={1}
        max={10}
      />
      <Setting name="story_threshold" label="Score the story needs" help="Of 10" min={0} max={10} step={0.5} />
      <Setting name="scene_max_iterations" label="Rounds for a scene" min={1} max={10} />
      <Setting name="scene_threshold" label="Score a scene needs" help="Of 10" min={0} max={10} step={0.5} />
      <Setting
        name="cohesion_threshold"
        label="Score all scenes need together"
        help="Of 10"
        min={0}
        max={10}
        step={0.5}
      />
    </Section>
  );
}

function Scores() {
  const on = useComposer((state) => state.options.enableScores);
  const set = useComposer((state) => state.set);
  const problem = useComposer((state) => thresholdProblem(state.options.overrides));
  const scorer = useStudio((state) => state.view?.scorer ?? null);
  return (
    <Section title="Video scores">
      <Switch
        label="Score the clips and the film"
        help={
          scorer
            ? `${scoreName(scorer.name)}, measured in the background`
            : "No scorer is installed on this server yet, so this has no effect"
        }
        on={on}
        onChange={(value) => set({ enableScores: value })}
      />
      <Setting name="vbench_threshold_good" label="Green above" help="Of 100" min={0} max={100} />
      <Setting name="vbench_threshold_acceptable" label="Yellow from" help="Of 100" min={0} max={100} />
      {problem && <p className="text-xs text-poor">{problem}</p>}
    </Section>
  );
}

interface SettingProps {
  /** A setting of docs/reference/configuration.md by its dotted name. */
  name: string;
  label: string;
  help?: string;
  min: number;
  max: number;
  step?: number;
}

function Setting({ name, ...rest }: SettingProps) {
  const overrides = useComposer((state) => state.options.overrides);
  const set = useComposer((state) => state.set);
  const shipped = useStudio((state) => (state.view?.defaults as Record<string, unknown> | undefined)?.[name]);
  const value = overrides[name];
  return (
    <NumberField
      {...rest}
      value={typeof value === "number" ? value : null}
      shipped={typeof shipped === "number" ? shipped : null}
      onChange={(given) => set({ overrides: changed(overrides, name, given ?? undefined) })}
    />
  );
}

function Seed() {
  const seed = useComposer((state) => state.options.seed);
  const set = useComposer((state) => state.set);
  return (
    <NumberField
      label="Seed"
      help="The same seed and brief make the same ad"
      min={0}
      max={2 ** 31 - 1}
      value={seed}
      shipped={null}
      onChange={(value) => set({ seed: value })}
    />
  );
}

function changed(overrides: Record<string, unknown>, name: string, value: unknown): Record<string, unknown> {
  const next = { ...overrides, [name]: value };
  return value === undefined ? Object.fromEntries(Object.entries(next).filter(([key]) => key !== name)) : next;
}
