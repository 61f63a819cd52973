/**
 * Chosen scenes of a finished ad filmed by a paid provider: choose, see the quote, set the cap, buy only those.
 * Tests: tests/components/test_Upgrade.test.tsx
 */
import { useState } from "react";
import type { ProviderOffer, QuoteView } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { capital } from "@/components/pipeline/StoryDisplay";
import { fetchQuote, upgradeScenes } from "@/services/money";
import type { Generation } from "@/store/model";
import { useStudio } from "@/store/studioStore";
import { Alert } from "./Alert";
import { CapField } from "./CapField";
import { priceOf } from "./caps";
import { QuoteTable } from "./QuoteTable";
import { upTo, useAsked, useCap, useStep, type CapState } from "./useOffer";

interface UpgradeProps {
  generation: Generation;
  onClose: () => void;
}

export function Upgrade({ generation, onClose }: UpgradeProps) {
  const sellers = useSellers();
  const [name, setName] = useState("");
  const provider =
    sellers.find((each) => each.name === name) ?? sellers.find((each) => each.key !== "missing") ?? sellers[0];
  if (!provider) return null;
  return (
    <Purchase
      key={provider.name}
      generation={generation}
      provider={provider}
      sellers={sellers}
      onSeller={setName}
      onClose={onClose}
    />
  );
}

function useSellers(): ProviderOffer[] {
  const offers = useStudio((state) => state.view?.offers) ?? [];
  return offers.filter((offer) => offer.costs_money && offer.tasks.includes("video"));
}

interface PurchaseProps extends UpgradeProps {
  provider: ProviderOffer;
  sellers: ProviderOffer[];
  onSeller: (name: string) => void;
}

function Purchase({ generation, provider, sellers, onSeller, onClose }: PurchaseProps) {
  const { id, scenes } = generation;
  const [chosen, setChosen] = useState<number[]>([]);
  const ordered = scenes.map((scene) => scene.id).filter((each) => chosen.includes(each));
  const key = ordered.join();
  const asked = useAsked(key, () => asking(id, provider.name, ordered));
  // An answer about other scenes is no price of these.
  const quote = asked.data?.key === key ? asked.data.quote : null;
  const cap = useCap(quote && priceOf(quote), quote?.standing ?? null);
  const { busy, failed, run } = useStep();
  const buy = async () => {
    if (!quote) return;
    const wish = { scenes: ordered, provider: provider.name, digest: quote.digest, capUsd: cap.change };
    if (await run(() => upgradeScenes(id, wish))) onClose();
    else asked.again();
  };
  const toggle = (each: number) =>
    setChosen((before) => (before.includes(each) ? before.filter((other) => other !== each) : [...before, each]));
  const footer = (
    <>
      <Button variant="ghost" onClick={onClose}>
        Keep it as it is
      </Button>
      <Button variant="primary" disabled={busy || !cap.holds} onClick={() => void buy()}>
        {buyLabel(ordered.length, quote, cap)}
      </Button>
    </>
  );
  return (
    <Dialog title="Upgrade scenes" wide onClose={onClose} footer={footer}>
      <div className="flex flex-col gap-4">
        <p className="text-sm text-ink-2">
          Only the scenes you choose are filmed again and paid for. The others stay, and the film is joined anew.
        </p>
        {sellers.length > 1 && <Sellers sellers={sellers} name={provider.name} onChange={onSeller} />}
        {provider.key === "missing" ? (
          <p className="rounded-control border border-line p-3 text-sm">
            {provider.label} has no key here. Set {provider.key_variable} in the server's environment and start it
            again. Your draft stays free.
          </p>
        ) : (
          <Choice generation={generation} chosen={ordered} disabled={busy} onToggle={toggle} />
        )}
        {key && !quote && !asked.problem && <p className="text-sm text-ink-2">Asking for the price…</p>}
        {quote && <Priced quote={quote} cap={cap} disabled={busy} />}
        <Alert text={failed || asked.problem} />
      </div>
    </Dialog>
  );
}

async function asking(
  id: string,
  provider: string,
  scenes: number[],
): Promise<{ key: string; quote: QuoteView } | null> {
  return scenes.length ? { key: scenes.join(), quote: await fetchQuote(id, provider, scenes) } : null;
}

function buyLabel(chosen: number, quote: QuoteView | null, cap: CapState): string {
  if (!chosen) return "Choose a scene";
  const bought = quote?.items.length ?? chosen;
  return bought ? `Buy ${bought} ${bought === 1 ? "clip" : "clips"}${upTo(cap)}` : "Use the bought clips";
}

function Priced({ quote, cap, disabled }: { quote: QuoteView; cap: CapState; disabled: boolean }) {
  if (!quote.items.length)
    return <p className="text-sm text-ink-2">These clips are bought already: using them costs nothing.</p>;
  return (
    <>
      <QuoteTable quote={quote} />
      <CapField
        value={cap.text}
        standing={quote.standing}
        problem={cap.problem}
        disabled={disabled}
        onChange={cap.write}
      />
    </>
  );
}

interface SellersProps {
  sellers: ProviderOffer[];
  name: string;
  onChange: (name: string) => void;
}

function Sellers({ sellers, name, onChange }: SellersProps) {
  return (
    <label className="block text-sm">
      Filmed by
      <select
        value={name}
        onChange={(event) => onChange(event.target.value)}
        className="ml-2 min-h-8 rounded-thumb border border-line-strong bg-card px-2 text-sm"
      >
        {sellers.map((each) => (
          <option key={each.name} value={each.name}>
            {each.label}
          </option>
        ))}
      </select>
    </label>
  );
}

interface ChoiceProps {
  generation: Generation;
  chosen: number[];
  disabled: boolean;
  onToggle: (id: number) => void;
}

function Choice({ generation, chosen, disabled, onToggle }: ChoiceProps) {
  const offers = useStudio((state) => state.view?.offers) ?? [];
  const maker = (id: number) => {
    const name = generation.clips[id]?.provider || "local";
    return offers.find((offer) => offer.name === name)?.label ?? name;
  };
  return (
    <fieldset disabled={disabled}>
      <legend className="text-sm font-medium">Scenes to film again</legend>
      <ul className="mt-2 grid gap-2 sm:grid-cols-2">
        {generation.scenes.map(({ id, beat, copy_text: words }) => (
          <li key={id}>
            <label className="flex min-h-14 items-center gap-3 rounded-control border border-line px-3 py-2 text-sm has-checked:border-accent">
              <input
                type="checkbox"
                aria-label={`Scene ${id}`}
                checked={chosen.includes(id)}
                onChange={() => onToggle(id)}
                className="size-4 shrink-0 accent-accent"
              />
              <img
                src={generation.clips[id]?.poster_url ?? generation.storyboard[id]}
                alt=""
                width={64}
                height={36}
                className="aspect-video w-16 rounded-thumb bg-raised object-cover"
              />
              <span className="min-w-0">
                <span className="block truncate">
                  {id} · {words.headline || words.cta || capital(beat)}
                </span>
                <span className="block text-xs text-ink-2">Now: {maker(id)}</span>
              </span>
            </label>
          </li>
        ))}
      </ul>
    </fieldset>
  );
}
