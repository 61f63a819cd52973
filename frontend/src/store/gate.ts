/** Whether the user's word on the draft on screen is already on its way. Tests: tests/store/test_gate.test.ts */
import type { Generation } from "./model";

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
