/** Who makes pictures and clips of the next ad, as the options say. Pure. Tests: tests/components/test_ProviderSettings.test.tsx */
import type { ProviderOffer, StudioView } from "@/api/types";
import type { Options } from "@/store/composerStore";

export type Made = "image" | "video";
type View = Pick<StudioView, "offers" | "providers" | "cap_usd">;

export function chosenProvider(task: Made, { overrides }: Options, view: View): ProviderOffer | undefined {
  const usual = view.providers.find((each) => each.task === task)?.name;
  return view.offers.find((offer) => offer.name === (overrides[`providers.${task}`] ?? usual));
}

/** The cap of the next ad; null where neither it nor the server names one. */
export function capOf({ overrides }: Options, view: View): number | null {
  const given = overrides.budget_usd;
  const cap = typeof given === "number" ? given : Number(view.cap_usd);
  return cap > 0 ? cap : null;
}

/** The paid providers of the next ad. */
export function sellers(options: Options, view: View): ProviderOffer[] {
  const found = (["image", "video"] as const).map((task) => chosenProvider(task, options, view));
  return found.filter((offer): offer is ProviderOffer => offer?.costs_money === true);
}

/** What about money keeps an ad from starting; empty when nothing does. */
export function moneyProblem(options: Options, view: View | null): string {
  if (!view) return "";
  const keyless = sellers(options, view).find((offer) => offer.key === "missing");
  if (keyless) return `${keyless.label} has no key: set ${keyless.key_variable}, or choose the local studio.`;
  if (capOf(options, view) !== null) return "";
  const unasked = !options.interactive && sellers(options, view).length > 0;
  return unasked ? "A hands-free ad buys unasked: set in the settings what it may spend." : "";
}
