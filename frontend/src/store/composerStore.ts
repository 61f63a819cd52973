/** What is being written and with which options; kept while the server works and when a request is refused. */
import { create } from "zustand";
import type { Asset, GenerateBody, Variant } from "@/api/types";

export type Role = "product" | "logo" | "character";

/** An image on its way into the request, or out of the library. */
export interface Attachment {
  key: string;
  name: string;
  role: Role;
  /** Address to show: a blob while it uploads, signed once it is stored. */
  preview: string;
  sizeBytes: number;
  progress: number;
  state: "uploading" | "ready" | "refused";
  reason: string;
  asset: Asset | null;
}

export interface Options {
  framework: GenerateBody["framework"];
  frameworkText: string;
  durationS: number | null;
  aspectRatio: GenerateBody["aspect_ratio"];
  brand: string;
  cta: string;
  url: string;
  seed: number | null;
  interactive: boolean;
  variants: Variant[];
  enableScores: boolean;
  qualityThreshold: number | null;
  /** Settings of docs/reference/configuration.md by dotted name. */
  overrides: Record<string, unknown>;
}

export const DEFAULTS: Options = {
  framework: null,
  frameworkText: "",
  durationS: null,
  aspectRatio: null,
  brand: "",
  cta: "",
  url: "",
  seed: null,
  interactive: true,
  variants: [],
  enableScores: true,
  qualityThreshold: null,
  overrides: {},
};

interface ComposerStore {
  text: string;
  options: Options;
  attachments: Attachment[];
  write: (text: string) => void;
  set: (options: Partial<Options>) => void;
  attach: (attachment: Attachment) => void;
  change: (key: string, change: Partial<Attachment>) => void;
  remove: (key: string) => void;
  clear: () => void;
}

export const useComposer = create<ComposerStore>()((set) => ({
  text: "",
  options: DEFAULTS,
  attachments: [],
  write: (text) => set({ text }),
  set: (options) => set((state) => ({ options: { ...state.options, ...options } })),
  attach: (attachment) => set((state) => ({ attachments: [...state.attachments, attachment] })),
  change: (key, change) =>
    set((state) => ({
      attachments: state.attachments.map((each) => (each.key === key ? { ...each, ...change } : each)),
    })),
  remove: (key) => set((state) => ({ attachments: state.attachments.filter((each) => each.key !== key) })),
  clear: () => set({ text: "", attachments: [], options: DEFAULTS }),
}));

/** The request that the composer's text, options and images amount to. */
export function toRequest(text: string, options: Options, attachments: Attachment[]): GenerateBody {
  const ids = (role: Role) =>
    attachments.filter((each) => each.role === role && each.asset).map((each) => each.asset?.id ?? "");
  const config = {
    enable_vbench: options.enableScores ? null : false,
    quality_threshold: options.qualityThreshold,
    overrides: options.overrides,
    parallel_variants: 1,
  };
  return {
    prompt: text.trim(),
    prompts: [],
    framework: options.framework,
    framework_text: options.framework === "custom" ? options.frameworkText.trim() : null,
    brand_assets: { product_images: ids("product"), logo: ids("logo")[0] ?? null, character_images: ids("character") },
    brand: options.brand.trim() || null,
    cta: options.cta.trim() || null,
    url: options.url.trim() || null,
    duration_s: options.durationS,
    aspect_ratio: options.aspectRatio,
    seed: options.seed,
    config,
    interactive: options.interactive,
    session_id: null,
    variants: options.variants,
  };
}
