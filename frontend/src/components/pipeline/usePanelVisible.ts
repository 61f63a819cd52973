/** True where the storyboard stands beside the conversation; the one player of the page is there, else in the feed. */
import { useSyncExternalStore } from "react";

const WIDE = "(min-width: 1280px)";

export function usePanelVisible(): boolean {
  return useSyncExternalStore(
    (changed) => {
      const query = matchMedia(WIDE);
      query.addEventListener("change", changed);
      return () => query.removeEventListener("change", changed);
    },
    () => matchMedia(WIDE).matches,
  );
}
