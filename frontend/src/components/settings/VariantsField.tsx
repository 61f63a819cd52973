/** Two or three ads of one brief that differ in opening, pace or framework (FR45). Tests: tests/components/test_SettingsSheet.test.tsx */
import type { Variant } from "@/api/types";
import { useComposer } from "@/store/composerStore";
import { Section } from "./fields";

const COUNTS = [1, 2, 3];
const FIELD = "min-h-8 rounded-thumb border border-line-strong bg-card px-2 text-sm";
const PACES = [
  { value: "", label: "Usual pace" },
  { value: "calm", label: "Calm" },
  { value: "fast", label: "Fast" },
];
const FRAMEWORKS = ["AIDA", "PAS", "FAB", "BAB"] as const;
const LETTERS = "ABC";

/** So many variants, each with another opening until somebody says otherwise. */
export function variantsOf(count: number, before: Variant[]): Variant[] {
  if (count < 2) return [];
  return Array.from({ length: count }, (_, index) => {
    const fresh: Variant = {
      label: `Variant ${LETTERS[index] ?? index + 1}`,
      hook: index,
      framework: null,
      pacing: null,
    };
    return before[index] ?? fresh;
  });
}

export function VariantsField() {
  const variants = useComposer((state) => state.options.variants);
  const set = useComposer((state) => state.set);
  const change = (index: number, part: Partial<Variant>) =>
    set({ variants: variants.map((each, at) => (at === index ? { ...each, ...part } : each)) });
  return (
    <Section title="Variants">
      <div role="radiogroup" aria-label="How many" className="flex gap-4">
        {COUNTS.map((count) => (
          <label key={count} className="flex min-h-8 items-center gap-2 text-sm">
            <input
              type="radio"
              name="variants"
              checked={Math.max(1, variants.length) === count}
              onChange={() => set({ variants: variantsOf(count, variants) })}
              className="size-4 accent-accent"
            />
            {count === 1 ? "One ad" : `${count} variants`}
          </label>
        ))}
      </div>
      {variants.map((variant, index) => (
        <fieldset key={LETTERS[index]} className="rounded-control border border-line p-3">
          <legend className="px-1 text-xs text-ink-2">{variant.label}</legend>
          <div className="flex flex-wrap gap-2">
            <select
              aria-label={`Opening of ${variant.label}`}
              value={variant.hook}
              onChange={(event) => change(index, { hook: Number(event.target.value) })}
              className={FIELD}
            >
              {[0, 1, 2, 3].map((hook) => (
                <option key={hook} value={hook}>
                  {hook === 0 ? "Best opening" : `Opening ${hook + 1}`}
                </option>
              ))}
            </select>
            <select
              aria-label={`Pace of ${variant.label}`}
              value={variant.pacing ?? ""}
              onChange={(event) => change(index, { pacing: (event.target.value || null) as Variant["pacing"] })}
              className={FIELD}
            >
              {PACES.map(({ value, label }) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
            <select
              aria-label={`Framework of ${variant.label}`}
              value={variant.framework ?? ""}
              onChange={(event) => change(index, { framework: (event.target.value || null) as Variant["framework"] })}
              className={FIELD}
            >
              <option value="">As above</option>
              {FRAMEWORKS.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </div>
        </fieldset>
      ))}
    </Section>
  );
}
