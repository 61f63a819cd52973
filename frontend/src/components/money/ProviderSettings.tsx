/**
 * Who makes the pictures and the clips of the next ad, what that costs, and the most it may spend. Keys live in the
 * server's environment: only whether one is there is told. Tests: tests/components/test_ProviderSettings.test.tsx
 */
import { HardDrive } from "lucide-react";
import type { ProviderOffer } from "@/api/types";
import { NumberField, Section } from "@/components/settings/fields";
import { useComposer } from "@/store/composerStore";
import { useStudio } from "@/store/studioStore";
import { usd } from "./usd";
import { chosenProvider, sellers, type Made } from "./choices";

const FIELD = "min-h-9 w-full rounded-control border border-line-strong bg-card px-3 text-sm";
const MOST = 10_000;

export function ProviderSettings() {
  const view = useStudio((state) => state.view);
  const options = useComposer((state) => state.options);
  const paid = view ? sellers(options, view) : [];
  return (
    <Section title="Who makes it">
      <p className="flex items-start gap-3 rounded-control border border-line p-3 text-sm text-ink-2">
        <HardDrive size={18} className="mt-0.5 shrink-0 text-accent" aria-hidden />
        {paid.length
          ? `${[...new Set(paid.map((each) => each.label))].join(", ")}: paid. A quote comes before clips are bought, and nothing passes the cap.`
          : "Local studio: words, pictures, film and music are made on this machine. No keys, no cost."}
      </p>
      <Task task="image" label="Reference images" />
      <Task task="video" label="Clips" />
      {paid.length > 0 && <Cap />}
      <Keys />
    </Section>
  );
}

function Task({ task, label }: { task: Made; label: string }) {
  const view = useStudio((state) => state.view);
  const options = useComposer((state) => state.options);
  const set = useComposer((state) => state.set);
  if (!view) return null;
  const offers = view.offers.filter((offer) => offer.tasks.includes(task));
  const chosen = chosenProvider(task, options, view);
  const models = chosen?.models.filter((each) => each.task === task) ?? [];
  const named = options.overrides[`models.${task}`];
  const model = models.find((each) => each.id === (named ?? view.models[task])) ?? models[0];
  const choose = (changes: Record<string, string>) => set({ overrides: { ...options.overrides, ...changes } });
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-sm">{label}</legend>
      {offers.map((offer) => (
        <label key={offer.name} className="flex min-h-8 items-start gap-2 text-sm">
          <input
            type="radio"
            name={`provider-${task}`}
            checked={chosen?.name === offer.name}
            onChange={() => choose({ [`providers.${task}`]: offer.name })}
            className="mt-0.5 size-4 shrink-0 accent-accent"
          />
          <span>
            {offer.label}
            <span className="block text-xs text-ink-2">
              {offer.costs_money ? `Paid · ${keyWord(offer)}` : "Free · on this machine"}
            </span>
          </span>
        </label>
      ))}
      {model && (
        <div>
          <select
            aria-label={`Model for ${label.toLowerCase()}`}
            value={model.id}
            onChange={(event) => choose({ [`models.${task}`]: event.target.value })}
            className={FIELD}
          >
            {models.map((each) => (
              <option key={each.id} value={each.id}>
                {`${each.label} · ${usd(each.usd)} a${each.per === "image" ? "n image" : " second"}`}
              </option>
            ))}
          </select>
          <p className="mt-1 text-xs text-ink-2">{`List price (${model.source}). ${model.note}`.trim()}</p>
        </div>
      )}
    </fieldset>
  );
}

function Cap() {
  const view = useStudio((state) => state.view);
  const overrides = useComposer((state) => state.options.overrides);
  const set = useComposer((state) => state.set);
  const value = overrides.budget_usd;
  const shipped = Number(view?.cap_usd ?? 0);
  return (
    <NumberField
      label="The most this ad may spend"
      help="US dollars, everything included"
      min={0}
      max={MOST}
      step={0.01}
      value={typeof value === "number" ? value : null}
      shipped={shipped}
      onChange={(given) => set({ overrides: withCap(overrides, given) })}
    />
  );
}

function withCap(overrides: Record<string, unknown>, cap: number | null): Record<string, unknown> {
  if (cap !== null) return { ...overrides, budget_usd: cap };
  return Object.fromEntries(Object.entries(overrides).filter(([name]) => name !== "budget_usd"));
}

function Keys() {
  const offers = useStudio((state) => state.view?.offers) ?? [];
  const paid = offers.filter((offer) => offer.key_variable !== null);
  if (!paid.length) return null;
  return (
    <div className="text-sm">
      <p>Keys</p>
      <ul className="mt-1 flex flex-col gap-1 text-xs text-ink-2">
        {paid.map((offer) => (
          <li key={offer.name}>
            {`${offer.label}: ${keyWord(offer)}`}
            {offer.key === "missing" &&
              `. Set ${offer.key_variable} where the server is started; the local studio needs none.`}
          </li>
        ))}
      </ul>
    </div>
  );
}

function keyWord(offer: ProviderOffer): string {
  return { none: "needs no key", set: "key is set", missing: "no key" }[offer.key];
}
