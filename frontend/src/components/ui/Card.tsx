/** A card of the feed: a small label that names the step, then the content. */
import { Sparkles } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "./classes";

interface CardProps {
  label: string;
  children: ReactNode;
  /** Without the card's own background and padding, for grids of pictures. */
  bare?: boolean;
  className?: string;
}

export function Card({ label, children, bare, className }: CardProps) {
  return (
    <section aria-label={label} className={classes("animate-rise", className)}>
      <p className="mb-2 flex items-center gap-2 text-sm text-ink-2">
        <Sparkles size={14} className="text-accent" aria-hidden />
        {label}
      </p>
      {bare ? children : <div className="rounded-card border border-line bg-bubble p-5">{children}</div>}
    </section>
  );
}
