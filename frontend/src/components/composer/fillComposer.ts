/** Puts a generation's request back into the composer, to make a variant or to start again. Tests: tests/components/test_SessionComposer.test.tsx */
import { DEFAULTS, useComposer, type Options } from "@/store/composerStore";
import type { Generation } from "@/store/model";

type Field = keyof typeof FIELDS;
const FIELDS = {
  framework: "framework",
  framework_text: "frameworkText",
  duration_s: "durationS",
  aspect_ratio: "aspectRatio",
  brand: "brand",
  cta: "cta",
  url: "url",
  interactive: "interactive",
} as const satisfies Record<string, keyof Options>;

export function fillComposer(generation: Generation): void {
  const { request } = generation;
  const given = (Object.keys(FIELDS) as Field[])
    .filter((name) => request[name] !== null && request[name] !== undefined)
    .map((name) => [FIELDS[name], request[name]] as const);
  const overrides = (request.config as Record<string, unknown> | undefined) ?? {};
  const options = { ...DEFAULTS, ...(Object.fromEntries(given) as Partial<Options>), overrides };
  const composer = useComposer.getState();
  composer.clear();
  composer.set(options);
  composer.write(generation.prompt);
}
