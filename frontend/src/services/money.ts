/**
 * What a person asks and says about money. Everything throws ApiError: the card that asked shows it.
 * Tests: tests/services/test_money.test.ts
 */
import type { CostsView, QuoteView } from "@/api/types";
import { api, unwrap } from "./api";
import { refreshSoon } from "./session";

export function fetchCosts(id: string): Promise<CostsView> {
  return unwrap(api.GET("/api/generations/{generation_id}/costs", { params: at(id) }));
}

/** What these scenes would cost by that provider; clips that are there already cost nothing. */
export function fetchQuote(id: string, provider: string | null = null, scenes: number[] = []): Promise<QuoteView> {
  const query = { provider, scenes: scenes.join(",") };
  return unwrap(api.GET("/api/generations/{generation_id}/quote", { params: { ...at(id), query } }));
}

/** Set the most an ad may spend; one that waits at its cap goes on. */
export async function setCap(id: string, usd: number): Promise<CostsView> {
  const view = await unwrap(
    api.POST("/api/generations/{generation_id}/cap", { params: at(id), body: { cap_usd: usd } }),
  );
  refreshSoon(id);
  return view;
}

/** Say what becomes of a call that may have been charged. */
export async function decideCharge(id: string, call: string, decision: "retry" | "give_up"): Promise<void> {
  const params = { path: { generation_id: id, call_id: call } };
  await unwrap(api.POST("/api/generations/{generation_id}/charges/{call_id}", { params, body: { decision } }));
  refreshSoon(id);
}

export interface Upgrade {
  scenes: number[];
  provider: string;
  /** The price that is accepted. */
  digest: string;
  /** Null keeps the cap. */
  capUsd: number | null;
}

/** Have chosen scenes filmed by another provider; the rest stays. */
export async function upgradeScenes(id: string, { scenes, provider, digest, capUsd }: Upgrade): Promise<void> {
  const body = { scene_ids: scenes, provider, quote_digest: digest, cap_usd: capUsd };
  await unwrap(api.POST("/api/generations/{generation_id}/upgrade", { params: at(id), body }));
  refreshSoon(id);
}

const at = (id: string) => ({ path: { generation_id: id } });
