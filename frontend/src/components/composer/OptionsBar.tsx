/** Framework, length and shape under the text, settings and images beside them. Tests: tests/components/test_Composer.test.tsx */
import { Images, Paperclip, SlidersHorizontal } from "lucide-react";
import { useRef, useState } from "react";
import { IconButton } from "@/components/ui/Button";
import { Menu, type Choice } from "@/components/ui/Menu";
import { later } from "@/components/ui/later";
import { usd } from "@/components/money/usd";
import { capOf, sellers } from "@/components/money/choices";
import { attachFiles } from "@/services/upload";
import { DEFAULTS, useComposer, type Options } from "@/store/composerStore";
import { useStudio } from "@/store/studioStore";

const SettingsSheet = later(() => import("@/components/settings/SettingsSheet").then((module) => module.SettingsSheet));
const LibraryPicker = later(() => import("@/components/library/LibraryPicker").then((module) => module.LibraryPicker));

type View = NonNullable<ReturnType<typeof useStudio.getState>["view"]>;

const AUTO = "auto";
const FRAMEWORKS: Choice[] = [
  { value: AUTO, label: "Framework", hint: "AIDA, unless your sentence names another" },
  { value: "AIDA", label: "AIDA", hint: "Attention, interest, desire, action" },
  { value: "PAS", label: "PAS", hint: "A problem, what it costs, the way out" },
  { value: "FAB", label: "FAB", hint: "Features, advantages, benefits" },
  { value: "BAB", label: "BAB", hint: "Before, after, and what joins them" },
  { value: "custom", label: "Your own", hint: "Your beats, in your words" },
];
const LENGTHS: Choice[] = [
  { value: AUTO, label: "Length", hint: "From your sentence, else 30 s" },
  ...[6, 10, 15, 20, 30, 45, 60].map((value) => ({ value: String(value), label: `${value} s` })),
];
const SHAPES: Choice[] = [
  { value: AUTO, label: "Shape", hint: "From your sentence, else 16:9" },
  { value: "16:9", label: "16:9", hint: "Wide: web, TV, YouTube" },
  { value: "9:16", label: "9:16", hint: "Tall: stories, reels, shorts" },
  { value: "1:1", label: "1:1", hint: "Square: feeds" },
];

export function OptionsBar() {
  const options = useComposer((state) => state.options);
  const set = useComposer((state) => state.set);
  const [open, setOpen] = useState<"settings" | "library" | null>(null);
  const files = useRef<HTMLInputElement>(null);
  const close = () => setOpen(null);
  return (
    <>
      <input
        ref={files}
        type="file"
        multiple
        hidden
        accept="image/jpeg,image/png,image/webp"
        aria-label="Choose images"
        onChange={(event) => {
          attachFiles(event.target.files ?? []);
          event.target.value = "";
        }}
      />
      <IconButton label="Add images" onClick={() => files.current?.click()}>
        <Paperclip size={16} aria-hidden />
      </IconButton>
      <IconButton label="Your image library" onClick={() => setOpen("library")}>
        <Images size={16} aria-hidden />
      </IconButton>
      <Menu
        label="Framework"
        value={options.framework ?? AUTO}
        choices={FRAMEWORKS}
        onChoose={(value) => set({ framework: value === AUTO ? null : (value as Options["framework"]) })}
      />
      <Menu
        label="Length"
        value={options.durationS === null ? AUTO : String(options.durationS)}
        choices={LENGTHS}
        onChoose={(value) => set({ durationS: value === AUTO ? null : Number(value) })}
      />
      <Menu
        label="Shape"
        value={options.aspectRatio ?? AUTO}
        choices={SHAPES}
        onChoose={(value) => set({ aspectRatio: value === AUTO ? null : (value as Options["aspectRatio"]) })}
      />
      <IconButton label="Settings" onClick={() => setOpen("settings")} className="relative">
        <SlidersHorizontal size={16} aria-hidden />
        {changed(options) && <span className="absolute top-1 right-1 size-1.5 rounded-full bg-accent" aria-hidden />}
      </IconButton>
      <Cost />
      {open === "settings" && <SettingsSheet onClose={close} onFailed={close} />}
      {open === "library" && <LibraryPicker onClose={close} onFailed={close} />}
    </>
  );
}

/** Something behind the settings button differs from the defaults. */
function changed(options: Options): boolean {
  const shown = { framework: options.framework, durationS: options.durationS, aspectRatio: options.aspectRatio };
  return JSON.stringify({ ...options, ...shown }) !== JSON.stringify({ ...DEFAULTS, ...shown });
}

function Cost() {
  const view = useStudio((state) => state.view);
  const options = useComposer((state) => state.options);
  if (!view) return null;
  return <span className="tnum ml-auto px-2 py-1.5 text-xs text-ink-2">{costOf(options, view)}</span>;
}

/** What the next ad may cost, in a few words. */
function costOf(options: Options, view: View): string {
  const free = sellers(options, view).length === 0 && view.providers.every((provider) => !provider.costs_money);
  if (free) return "Free · made on this machine";
  const cap = capOf(options, view);
  return cap === null ? "Paid · you set the cap first" : `Paid · up to ${usd(cap)}`;
}
