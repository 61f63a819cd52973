/** A short answer of the studio: a question back, or why a word had no effect. Tests: tests/components/test_Bubble.test.tsx */
import { CircleHelp, Info } from "lucide-react";
import type { FeedItem } from "@/store/model";

export function ReplyLine({ item }: { item: Extract<FeedItem, { kind: "reply" }> }) {
  const Icon = item.tone === "question" ? CircleHelp : Info;
  return (
    <p className="flex max-w-[64ch] animate-rise items-start gap-2 text-ink-2">
      <Icon size={16} className="mt-0.5 shrink-0 text-accent" aria-hidden />
      {item.text}
    </p>
  );
}
