/** The words of one scene as the viewer reads them. Tests: tests/components/test_SceneList.test.tsx */
import type { Copy } from "@/api/types";

export function Lines({ copy }: { copy: Copy }) {
  // A scene of beats repeats its items as the headline: they are shown once.
  const joined = copy.items.join(" ");
  const items = joined && joined !== copy.headline ? copy.items : [];
  const first = copy.headline || items.join(" · ") || copy.cta || "A picture without words";
  return (
    <>
      {copy.kicker && <span className="block text-xs text-ink-2">{copy.kicker}</span>}
      <span className="block font-medium break-words">{first}</span>
      {copy.support && <span className="block text-sm break-words text-ink-2">{copy.support}</span>}
      {copy.headline && items.length > 0 && (
        <span className="block text-sm break-words text-ink-2">{items.join(" · ")}</span>
      )}
      {(copy.cta || copy.url) && copy.cta !== first && (
        <span className="block text-sm break-words text-ink-2">{[copy.cta, copy.url].filter(Boolean).join(" · ")}</span>
      )}
    </>
  );
}
