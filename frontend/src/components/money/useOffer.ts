/** A price with its caps and the cap being typed, as the paying cards share it. Tests: tests/components/test_Upgrade.test.tsx */
import { useEffect, useState } from "react";
import type { Standing } from "@/api/types";
import { told } from "@/services/errors";
import { dollars, verdict, type Price, type Verdict } from "./caps";
import { usd } from "./usd";

export interface Asked<T> {
  data: T | null;
  problem: string;
}

/** Ask the server, again whenever `key` changes; the last answer stays until the next is there. */
export function useAsked<T>(key: string, ask: () => Promise<T>): Asked<T> & { again: () => void } {
  const [state, setState] = useState<Asked<T> & { key: string }>({ data: null, problem: "", key: "" });
  const [tries, setTries] = useState(0);
  useEffect(() => {
    let wanted = true;
    ask().then(
      (data) => wanted && setState({ data, problem: "", key }),
      (error: unknown) => wanted && setState({ data: null, problem: told(error), key }),
    );
    return () => {
      wanted = false;
    };
    // `ask` is what `key` names.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key, tries]);
  return { data: state.data, problem: state.problem, again: () => setTries((count) => count + 1) };
}

export interface Step {
  busy: boolean;
  failed: string;
  /** Do something that may be refused; answers whether it was done. */
  run: (step: () => Promise<unknown>) => Promise<boolean>;
}

export function useStep(): Step {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState("");
  const run = async (step: () => Promise<unknown>) => {
    setBusy(true);
    setFailed("");
    try {
      await step();
      return true;
    } catch (error) {
      setFailed(told(error));
      return false;
    } finally {
      setBusy(false);
    }
  };
  return { busy, failed, run };
}

export interface CapState {
  text: string;
  write: (text: string) => void;
  capUsd: number | null;
  /** The cap to send along; null when it stays as it is. */
  change: number | null;
  verdict: Verdict | null;
  /** Why it does not do; empty when it does, or nothing is known yet. */
  problem: string;
  /** Known, and the caps hold it. */
  holds: boolean;
}

/** The cap of an ad as it is typed: until somebody types, the one it has if that holds the price, else one that would. */
export function useCap(price: Price | null, standing: Standing | null): CapState {
  const [typed, setTyped] = useState<string | null>(null);
  const now = standing ? Number(standing.cap_usd) : null;
  const first = price && standing ? verdict(price, standing, now) : null;
  const usual = now === null || !first ? "" : (first.problem ? first.suggestedUsd : now).toFixed(2);
  const text = typed ?? usual;
  const capUsd = dollars(text);
  const found = price && standing ? verdict(price, standing, capUsd) : null;
  return {
    text,
    write: setTyped,
    capUsd,
    change: capUsd === now ? null : capUsd,
    verdict: found,
    problem: found?.problem ?? "",
    holds: found?.problem === "",
  };
}

/** What is added to a button that spends: the most it can cost, once the caps hold it. */
export function upTo({ holds, verdict: found }: CapState): string {
  return holds && found ? ` · up to ${usd(found.upToUsd)}` : "";
}
