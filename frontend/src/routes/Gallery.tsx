/** All ads as pictures, with filters kept in the address (FR105-110). Tests: tests/routes/test_Gallery.test.tsx */
import { useEffect, useRef } from "react";
import { Link, useSearchParams } from "react-router";
import { Button } from "@/components/ui/Button";
import { classes } from "@/components/ui/classes";
import { GalleryFilters, queryOf } from "@/components/history/GalleryFilters";
import { GalleryTile } from "@/components/history/GalleryTile";
import { useGallery } from "@/components/history/useGallery";

const GRID = "mt-5 grid grid-cols-1 gap-5 sm:grid-cols-2 xl:grid-cols-3";

export function Gallery() {
  const [params, setParams] = useSearchParams();
  const { rows, loading, problem, more, again } = useGallery(params);
  const filtered = Object.keys(queryOf(params)).length > 0;
  useEffect(() => {
    document.title = "Gallery · AdMint";
  }, []);
  return (
    <main id="main" className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto max-w-6xl px-5 pt-3.5 pb-6 lg:pt-6">
        <h1 className="pl-10 text-xl font-semibold lg:pl-0">Gallery</h1>
        <GalleryFilters params={params} onChange={(next) => setParams(next, { replace: true })} />
        {problem && (
          <div
            role="alert"
            className="mt-5 flex flex-wrap items-center gap-3 rounded-card border border-poor/40 bg-poor-soft px-4 py-3"
          >
            <p className="flex-1">{problem}</p>
            <Button onClick={again}>Try again</Button>
          </div>
        )}
        {!rows.length && loading && <Skeleton />}
        {!rows.length && !loading && !problem && !more && (
          <Nothing filtered={filtered} onClear={() => setParams({}, { replace: true })} />
        )}
        <ul aria-busy={loading} className={classes(GRID, loading && "opacity-60")}>
          {rows.map((row) => (
            <li key={row.id}>
              <GalleryTile row={row} />
            </li>
          ))}
        </ul>
        {more && <More onMore={more} />}
      </div>
    </main>
  );
}

function Nothing({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  return (
    <div className="py-20 text-center text-ink-2">
      {filtered ? (
        <>
          <p>Nothing matches these filters.</p>
          <Button className="mt-3" onClick={onClear}>
            Show all ads
          </Button>
        </>
      ) : (
        <>
          <p>Your ads will be here.</p>
          <Link to="/" className="mt-3 inline-block text-accent underline underline-offset-4">
            Make the first
          </Link>
        </>
      )}
    </div>
  );
}

function Skeleton() {
  return (
    <div aria-hidden className={GRID}>
      {[0, 1, 2].map((each) => (
        <div key={each} className="animate-breathe overflow-hidden rounded-card border border-line bg-bubble">
          <div className="aspect-video bg-raised" />
          <div className="h-20" />
        </div>
      ))}
    </div>
  );
}

/** The next page comes when its button is near; the button is there for who does not scroll. */
function More({ onMore }: { onMore: () => void }) {
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const near = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) onMore();
      },
      { rootMargin: "400px" },
    );
    if (place.current) near.observe(place.current);
    return () => near.disconnect();
  }, [onMore]);
  return (
    <div ref={place} className="flex justify-center py-8">
      <Button onClick={onMore}>Load more</Button>
    </div>
  );
}
