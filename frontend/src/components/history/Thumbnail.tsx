/** A still of an ad, or its first letter while there is none. Tests: tests/components/test_HistoryRail.test.tsx */
import { classes } from "@/components/ui/classes";

export function Thumbnail({ url, name, className }: { url: string | null; name: string; className: string }) {
  const look = classes("aspect-video shrink-0 rounded-thumb bg-raised", className);
  if (url) return <img src={url} alt="" loading="lazy" decoding="async" className={classes(look, "object-cover")} />;
  return (
    <span aria-hidden className={classes(look, "flex items-center justify-center font-semibold text-ink-3")}>
      {name.trim().charAt(0).toUpperCase()}
    </span>
  );
}
