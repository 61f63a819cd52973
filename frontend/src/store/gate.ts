/** Whether the user's word on the draft on screen is already on its way. Tests: tests/store/test_gate.test.ts */
import type { Generation } from "./model";

/** The code of the error that asks: the brief does not say what to advertise. */
export const UNREAD = "brief_unclear";

/** The question that the next words answer; empty while there is none. */
export function questionOf({ status, errorCode, feed }: Pick<Generation, "status" | "errorCode" | "feed">): string {
  if (status !== "failed" || errorCode !== UNREAD) return "";
  const asked = feed.findLast((item) => item.kind === "error");
  return asked?.hint || "What should be advertised?";
}

/** True from an approval, or a wish for a whole new draft, until the next draft or an answer shows what became of it. */
export function answered({ feed }: Pick<Generation, "feed">): boolean {
  const last = feed.findLast((item) => ["story", "scenes", "reply", "said"].includes(item.kind));
  if (last?.kind !== "said") return false;
  return (
    last.sending ||
    last.action === "approve" ||
    (last.sceneId === null && ["refine", "regenerate"].includes(last.action ?? ""))
  );
}
