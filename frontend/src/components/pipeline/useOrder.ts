/**
 * The order of the scenes as the person wants it: shown at once, sent when the keys rest, and one order at a time, so
 * that quick presses add up. Used by SceneList.tsx. Tests: tests/components/test_SceneList.test.tsx
 */
import { useEffect, useRef, useState } from "react";
import { reorderScenes } from "@/services/actions";
import type { Generation } from "@/store/model";

/** Longer than between two presses of a key. */
const REST_MS = 400;

interface Order {
  order: number[];
  put: (order: number[]) => void;
  /** An order is on its way: it may still be changed. */
  moving: boolean;
}

/** `open`: the server takes an order now. */
export function useOrder(generation: Generation, open: boolean): Order {
  const known = generation.scenes.map((scene) => scene.id);
  const [wanted, setWanted] = useState<number[] | null>(null);
  const settled = wanted === null || String(wanted) === String(known);
  const order = wanted && sameScenes(wanted, known) ? wanted : known;
  const latest = useRef(generation);
  useEffect(() => {
    latest.current = generation;
  }, [generation]);
  if (wanted && (settled || order !== wanted)) setWanted(null);
  const places = String(known);
  useEffect(() => {
    if (!open || !wanted || settled) return;
    const timer = setTimeout(() => {
      void reorderScenes(latest.current, wanted).then((taken) => {
        if (!taken) setWanted(null);
      });
    }, REST_MS);
    return () => clearTimeout(timer);
  }, [wanted, places, open, settled]);
  // A refused word leaves the feed, and the order with it.
  const said = generation.feed.filter((item) => item.kind === "said" && item.action === "reorder").length;
  const most = useRef(said);
  useEffect(() => {
    if (said < most.current) setWanted(null);
    most.current = said;
  }, [said]);
  return { order, put: setWanted, moving: wanted !== null };
}

function sameScenes(one: number[], other: number[]): boolean {
  return String([...one].sort((a, b) => a - b)) === String([...other].sort((a, b) => a - b));
}
