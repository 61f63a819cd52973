/** What the server would refuse in the settings, said before a run (FR56). Tests: tests/components/test_SettingsSheet.test.tsx */
import type { Options } from "@/store/composerStore";

const ADDRESS = /^(https?:\/\/)?[\w-]+(\.[\w-]+)+(:\d+)?(\/\S*)?$/;
const GOOD = "vbench_threshold_good";
const ACCEPTABLE = "vbench_threshold_acceptable";

/** Where scores are green and yellow when nobody says otherwise. */
const SHIPPED = { [GOOD]: 80, [ACCEPTABLE]: 60 };

/** Why an address is refused; empty when it is fine. The server's own rule. */
export function addressProblem(url: string): string {
  const given = url.trim();
  return !given || ADDRESS.test(given)
    ? ""
    : "It needs a domain, for example yourshop.com or https://yourshop.com/new.";
}

/** Why the two score limits are refused together; empty when they are fine. */
export function thresholdProblem(overrides: Options["overrides"]): string {
  const limit = (name: keyof typeof SHIPPED) => {
    const given = overrides[name];
    return typeof given === "number" ? given : SHIPPED[name];
  };
  if (limit(ACCEPTABLE) <= limit(GOOD)) return "";
  return `Yellow from ${limit(ACCEPTABLE)} is above green above ${limit(GOOD)}: lower it, or raise green.`;
}

/** The first thing in the settings that keeps an ad from starting; empty when there is none. */
export function settingsProblem({ url, overrides }: Options): string {
  const address = addressProblem(url);
  return address ? `The address in the settings is not one. ${address}` : thresholdProblem(overrides);
}
