/** Something failed: what happened, what is kept, one thing to do, details on demand (FR129-134). Tests: tests/components/test_ErrorCard.test.tsx */
import { Copy, RotateCcw, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { classes } from "@/components/ui/classes";
import { control } from "@/services/actions";
import { withoutCommands } from "@/services/errors";
import { questionOf, UNREAD } from "@/store/gate";
import type { FeedItem, Generation } from "@/store/model";

interface ErrorCardProps {
  item: Extract<FeedItem, { kind: "error" }>;
  generation: Generation;
}

export function ErrorCard({ item, generation }: ErrorCardProps) {
  const last = generation.feed.findLast((each) => each.kind === "error")?.key === item.key;
  const asks = item.code === UNREAD;
  const retry = last && !asks && !asksForMoney(item.code, generation) && generation.actions.includes("resume");
  const hint = withoutCommands(item.hint);
  const details = `code: ${item.code}\ngeneration: ${generation.id}`;
  return (
    <section
      aria-label="Problem"
      className={classes(
        "animate-rise rounded-card border p-4",
        retry ? "border-poor/40 bg-poor-soft" : "border-line bg-card",
      )}
    >
      <p className="flex items-start gap-2 font-medium">
        <TriangleAlert size={18} className="mt-0.5 shrink-0 text-poor" aria-hidden />
        {item.text}
      </p>
      {hint && <p className="mt-1 pl-[26px] text-ink-2">{hint}</p>}
      <div className="mt-3 flex flex-wrap items-center gap-3 pl-[26px] empty:hidden">
        {retry && (
          <Button
            variant={item.retryable ? "primary" : "secondary"}
            icon={<RotateCcw size={14} aria-hidden />}
            onClick={() => void control(generation, "resume")}
          >
            Try again
          </Button>
        )}
        {asks && last && questionOf(generation) && (
          <p className="text-sm text-ink-2">Answer below: it is added to your brief.</p>
        )}
        {!asks && !hint.includes("kept") && <p className="text-sm text-ink-2">Everything that was finished is kept.</p>}
      </div>
      <details className="mt-3 pl-[26px] text-sm text-ink-2">
        <summary className="min-h-8 w-fit rounded-thumb py-1.5">Details</summary>
        <div className="flex flex-wrap items-start justify-between gap-2">
          <pre className="min-w-0 overflow-x-auto py-1.5 text-xs select-all">{details}</pre>
          <CopyButton text={details} />
        </div>
      </details>
    </section>
  );
}

/** Where the clipboard is out of reach, the text beside it is selected by one click. */
function CopyButton({ text }: { text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      setCopied(false);
    }
  };
  return (
    <Button variant="ghost" icon={<Copy size={14} aria-hidden />} onClick={() => void copy()}>
      {copied ? "Copied" : "Copy"}
    </Button>
  );
}

/** An unclear charge is asked about in a card of its own, and nothing goes on before. */
function asksForMoney(code: string, generation: Generation): boolean {
  return code === "charge_unknown" && generation.charges.length > 0;
}
