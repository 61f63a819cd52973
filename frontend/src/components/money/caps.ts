/** Whether the caps hold a price, in words and numbers. Pure, US dollars. Tests: tests/components/test_money_caps.test.ts */
import type { Standing } from "@/api/types";
import { usd } from "./usd";

/** What is asked for: one take of each, and the most it can become without asking again. */
export interface Price {
  totalUsd: number;
  worstUsd: number;
}

export interface Verdict {
  /** Why it can't be approved, with the next step; empty when it can. */
  problem: string;
  /** The most that can be spent if it is approved: the worst case, or what the caps leave. */
  upToUsd: number;
  /** The least cap that holds it, and one that holds the worst case too. */
  leastUsd: number;
  suggestedUsd: number;
}

export function priceOf(quote: { total_usd: string; worst_usd: string }): Price {
  return { totalUsd: Number(quote.total_usd), worstUsd: Math.max(Number(quote.worst_usd), Number(quote.total_usd)) };
}

/** Dollars as somebody typed them; null for anything that is no amount. */
export function dollars(text: string): number | null {
  const value = Number(text.trim().replace(/^\$/, "").replace(",", "."));
  return text.trim() === "" || !Number.isFinite(value) || value < 0 || value > MOST ? null : value;
}

export function verdict(price: Price, standing: Standing, capUsd: number | null): Verdict {
  const used = Number(standing.spent_usd) + Number(standing.reserved_usd);
  const today = Math.max(0, Number(standing.daily_cap_usd) - Number(standing.today_usd));
  const leastUsd = upToCents(used + price.totalUsd);
  const suggestedUsd = upToCents(used + price.worstUsd);
  const left = Math.max(0, (capUsd ?? 0) - used);
  const upToUsd = Math.round(Math.min(price.worstUsd, left, today) * 1e6) / 1e6;
  const told = { upToUsd, leastUsd, suggestedUsd };
  if (price.totalUsd > today + TINY) {
    const rest = `Today's limit of ${usd(standing.daily_cap_usd)} leaves ${usd(today)}, and this costs ${usd(price.totalUsd)}.`;
    return { ...told, problem: `${rest} Go on tomorrow, or raise ADMINT_DAILY_CAP_USD on the server.` };
  }
  if (capUsd === null) return { ...told, problem: `Set a cap first: at least ${usd(leastUsd)}.` };
  if (price.totalUsd > left + TINY) {
    return { ...told, problem: `A cap of ${usd(capUsd)} does not hold this. It takes at least ${usd(leastUsd)}.` };
  }
  return { ...told, problem: "" };
}

const MOST = 10_000;
const TINY = 1e-9;

function upToCents(value: number): number {
  return Math.ceil(Math.round(value * 1e6) / 1e4) / 100;
}
