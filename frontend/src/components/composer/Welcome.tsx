/** The first screen: one question, one field, three examples, one sample (research: first run). Tests: tests/components/test_Welcome.test.tsx */
import { Play } from "lucide-react";
import { useState } from "react";
import { later } from "@/components/ui/later";
import type { ApiError } from "@/services/errors";
import { useComposer } from "@/store/composerStore";
import { useFree } from "@/store/studioStore";
import { Composer } from "./Composer";

const Sample = later(() => import("./Sample").then((module) => module.Sample));

const EXAMPLES = [
  "A 15-second ad for Sunrise Roast: coffee roasted the day it ships",
  "A calm 20-second ad for Lantern Yoga: the first class is free",
  "A vertical 10-second ad for the Harbour Night Market, Saturday from 6 pm",
];

interface WelcomeProps {
  onSend: (text: string) => Promise<boolean>;
  problem: ApiError | null;
  busy: boolean;
}

export function Welcome({ onSend, problem, busy }: WelcomeProps) {
  const write = useComposer((state) => state.write);
  const free = useFree();
  const [sample, setSample] = useState(false);
  return (
    <div className="mx-auto flex min-h-full w-full max-w-[760px] flex-col justify-center px-5 py-12">
      <h1 className="text-3xl font-semibold">What are we advertising?</h1>
      <p className="mt-1 mb-6 text-lg text-ink-2">One sentence becomes a finished video ad.</p>
      <Composer
        mode="new"
        placeholder="Create a 30-second ad for eco-friendly water bottle"
        onSend={onSend}
        problem={problem}
        busy={busy}
        takeFocus
      />
      <p className="mt-3 text-sm text-ink-2">
        Drop a product photo or a logo anywhere. A cut-out on a plain background works best.
      </p>
      <h2 className="mt-10 mb-2 text-sm font-medium text-ink-2">Try one of these</h2>
      <ul className="flex flex-col items-start gap-2">
        {EXAMPLES.map((example) => (
          <li key={example}>
            <button
              type="button"
              className="min-h-9 rounded-control border border-line-strong px-3 py-1.5 text-left text-ink-2 hover:bg-bubble hover:text-ink"
              onClick={() => {
                write(example);
                document.querySelector<HTMLElement>("[data-composer]")?.focus();
              }}
            >
              {example}
            </button>
          </li>
        ))}
      </ul>
      <div className="mt-10 flex flex-wrap items-center gap-4">
        <button
          type="button"
          aria-label="Play a sample ad"
          className="group relative shrink-0 overflow-hidden rounded-card border border-line-strong"
          onClick={() => setSample(true)}
        >
          <img src="/sample.jpg" alt="" width={224} height={126} className="aspect-video w-56 bg-raised object-cover" />
          <span className="absolute inset-0 m-auto flex size-10 items-center justify-center rounded-full bg-white/90 text-on-accent group-hover:bg-white">
            <Play size={18} className="ml-0.5" fill="currentColor" aria-hidden />
          </span>
        </button>
        <p className="text-sm text-ink-2">
          <span className="block text-ink">A sample, made by this studio</span>
          15 seconds, from the sentence “eco-friendly water bottle”.
          {free && <span className="mt-2 block">Local studio · no keys, no cost</span>}
        </p>
      </div>
      {sample && <Sample onClose={() => setSample(false)} onFailed={() => setSample(false)} />}
    </div>
  );
}
