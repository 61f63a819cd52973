/** The three reference images (AC-5.2, AC-2.5): what every scene keeps to. Read-only. Tests: tests/components/test_ReferenceImages.test.tsx */
import { useState } from "react";
import { Card } from "@/components/ui/Card";
import { later } from "@/components/ui/later";
import type { ReferenceImage } from "@/api/types";
import { capital } from "./StoryDisplay";

const Dialog = later(() => import("@/components/ui/Dialog").then((module) => module.Dialog));
const MOST_COLOURS = 6;

export function ReferenceImages({ images }: { images: ReferenceImage[] }) {
  const [shown, setShown] = useState<ReferenceImage | null>(null);
  const colours = [...new Set(images.flatMap((image) => image.analysis.colors.slice(0, 2)))].slice(0, MOST_COLOURS);
  return (
    <Card label="Reference images" bare>
      <ul className="grid grid-cols-2 gap-3 sm:grid-cols-3">
        {images.map((image) => (
          <li key={image.url} className="flex flex-col overflow-hidden rounded-card border border-line bg-bubble">
            <button type="button" className="-outline-offset-2" onClick={() => setShown(image)}>
              <img
                src={image.url}
                alt={image.alt}
                width={480}
                height={360}
                loading="lazy"
                decoding="async"
                className="aspect-4/3 w-full bg-raised object-cover"
              />
            </button>
            <div className="p-3">
              <h3 className="flex flex-wrap items-center gap-2 text-sm font-medium">
                {capital(image.type)}
                {image.source === "uploaded" && (
                  <span className="rounded-full bg-accent-soft px-2 text-xs font-normal text-accent">Yours</span>
                )}
              </h3>
              <p className="text-sm text-ink-2">{analysed(image)}</p>
            </div>
          </li>
        ))}
      </ul>
      <p className="mt-3 flex flex-wrap items-center gap-3 text-sm text-ink-2">
        Using these for visual consistency
        <span className="flex gap-1.5">
          {colours.map((colour) => (
            <span
              key={colour}
              role="img"
              aria-label={`Colour ${colour}`}
              title={colour}
              className="size-4 rounded-full border border-line-strong"
              style={{ background: colour }}
            />
          ))}
        </span>
      </p>
      {shown && (
        <Dialog
          title={`${capital(shown.type)} reference`}
          wide
          onClose={() => setShown(null)}
          onFailed={() => setShown(null)}
        >
          <img src={shown.url} alt={shown.alt} className="mx-auto max-h-[60dvh] rounded-thumb" />
          <p className="mt-3 text-sm text-ink-2">{shown.alt}</p>
        </Dialog>
      )}
    </Card>
  );
}

/** What was seen in it; what is unknown is not said. */
function analysed({ analysis, source }: ReferenceImage): string {
  const known = [analysis.product_features, analysis.character_description, analysis.environment, analysis.style];
  const text =
    known.find(Boolean) ?? analysis.label ?? (source === "uploaded" ? "Your image, as it is" : "Made for this ad");
  return capital(text);
}

export function ReferencesPending() {
  return (
    <Card label="Reference images" bare>
      <div className="grid grid-cols-2 gap-3 sm:grid-cols-3" aria-hidden>
        {[1, 2, 3].map((tile) => (
          <span key={tile} className="aspect-4/3 animate-breathe rounded-card border border-line bg-bubble" />
        ))}
      </div>
      <p className="mt-3 text-sm text-ink-2">Choosing the look…</p>
    </Card>
  );
}
