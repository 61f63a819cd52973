/**
 * An ad that waits at its cap: the numbers, raise it and go on, or go on for free.
 * Tests: tests/components/test_OverCap.test.tsx
 */
import { CirclePause } from "lucide-react";
import type { Standing } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { withoutCommands } from "@/services/errors";
import { fetchCosts, fetchQuote, setCap, upgradeScenes } from "@/services/money";
import type { Generation } from "@/store/model";
import { Alert } from "./Alert";
import { CapField } from "./CapField";
import { priceOf, type Price } from "./caps";
import { usd } from "./usd";
import { useAsked, useCap, useStep } from "./useOffer";

const FREE = "local";

interface Asking {
  standing: Standing;
  price: Price;
}

export function OverCap({ generation }: { generation: Generation }) {
  const { errorMessage, note } = generation;
  return (
    <section
      aria-label="Waiting at the cap"
      className="flex flex-col gap-4 rounded-card border border-line bg-bubble p-5"
    >
      <div>
        <h2 className="flex items-center gap-2 text-lg font-semibold">
          <CirclePause size={18} className="text-fair" aria-hidden />
          Paused at your cap
        </h2>
        <p className="mt-1 text-ink-2">{withoutCommands(errorMessage ?? note)}</p>
      </div>
      <WayOn generation={generation} />
    </section>
  );
}

function WayOn({ generation }: { generation: Generation }) {
  const { id, stage, spending } = generation;
  const filming = stage === "videos";
  const asked = useAsked(`${id} ${JSON.stringify(spending)}`, () => (filming ? priced(id) : unpriced(id)));
  const { price = null, standing = null } = asked.data ?? {};
  const cap = useCap(price, standing);
  const { busy, failed, run } = useStep();
  const { capUsd } = cap;
  const raise = capUsd === null ? "Raise the cap" : `Raise the cap to ${usd(capUsd)}`;
  return (
    <>
      {standing && (
        <>
          <Numbers price={filming && price ? price.totalUsd : null} standing={standing} />
          <CapField value={cap.text} standing={standing} problem={cap.problem} disabled={busy} onChange={cap.write} />
        </>
      )}
      <Alert text={failed || asked.problem} />
      <div className="flex flex-wrap justify-end gap-2">
        {asked.problem && <Button onClick={asked.again}>Ask again</Button>}
        {filming && (
          <Button disabled={busy} onClick={() => void run(() => forFree(generation))}>
            {generation.finalVideoUrl ? "Keep the free draft" : "Make the rest here, free"}
          </Button>
        )}
        <Button
          variant="primary"
          disabled={busy || !cap.holds}
          onClick={() => capUsd !== null && void run(() => setCap(id, capUsd))}
        >
          {raise} and go on
        </Button>
      </div>
    </>
  );
}

async function priced(id: string): Promise<Asking> {
  const quote = await fetchQuote(id);
  return { standing: quote.standing, price: priceOf(quote) };
}

/** Before the scenes are written nothing can be priced: the server's sentence has the numbers. */
async function unpriced(id: string): Promise<Asking> {
  return { standing: await fetchCosts(id), price: { totalUsd: 0.01, worstUsd: 0.01 } };
}

interface NumbersProps {
  price: number | null;
  standing: Standing;
}

function Numbers({ price, standing }: NumbersProps) {
  const rows = [
    { label: "Next step", value: price },
    { label: "Spent", value: Number(standing.spent_usd) },
    { label: "On hold", value: Number(standing.reserved_usd) },
    { label: "Cap", value: Number(standing.cap_usd) },
  ];
  return (
    <dl className="tnum flex flex-wrap gap-x-8 gap-y-2 text-sm">
      {rows.map(({ label, value }) =>
        value === null ? null : (
          <div key={label}>
            <dt className="text-xs text-ink-2">{label}</dt>
            <dd>{usd(value)}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

/** Clips that are there stay; those that were to be bought are made here instead. */
async function forFree(generation: Generation): Promise<void> {
  const { id, scenes } = generation;
  const left = scenes.filter((scene) => !isThere(generation, scene.id)).map((scene) => scene.id);
  const wanted = left.length ? left : scenes.map((scene) => scene.id);
  const quote = await fetchQuote(id, FREE, wanted);
  await upgradeScenes(id, { scenes: wanted, provider: FREE, digest: quote.digest, capUsd: null });
}

/** Made already, by who is to make it. */
function isThere({ clips, clipProviders, videoProvider }: Generation, id: number): boolean {
  const clip = clips[id];
  const by = clipProviders[id] ?? videoProvider;
  return clip?.status === "complete" && clip.freshness === "current" && clip.provider === by;
}
