/** What the user said or did, as a grey bubble at the right (AC-5.1). Tests: tests/components/test_Bubble.test.tsx */
import { Clock, Image as ImageIcon } from "lucide-react";
import { usePipeline } from "@/store/pipelineStore";
import type { FeedItem } from "@/store/model";

type BubbleItem = Extract<FeedItem, { kind: "prompt" | "said" }>;
type SaidItem = Extract<FeedItem, { kind: "said" }>;

export function Bubble({ item }: { item: BubbleItem }) {
  const text = item.kind === "prompt" ? item.text : saidText(item);
  return (
    <div className="flex animate-rise flex-col items-end gap-1">
      <p className="sr-only">You:</p>
      <p className="max-w-[85%] rounded-bubble rounded-tr-md bg-bubble px-4 py-2.5 break-words whitespace-pre-wrap">
        {text}
      </p>
      {item.kind === "prompt" && item.assets.length > 0 && (
        <p className="flex items-center gap-1.5 text-xs text-ink-2">
          <ImageIcon size={12} aria-hidden />
          With {item.assets.join(", ")}
        </p>
      )}
      {item.kind === "said" && item.sending && <Sending />}
    </div>
  );
}

function Sending() {
  const connected = usePipeline((state) => state.connection.state === "connected");
  return (
    <p className="flex items-center gap-1.5 text-xs text-ink-2">
      <Clock size={12} aria-hidden />
      {connected ? "Sending…" : "Waiting for the connection"}
    </p>
  );
}

/** The words, or what the button meant. */
export function saidText({ text, action, sceneId, stage }: SaidItem): string {
  if (text) return sceneId && !new RegExp(`\\b${sceneId}\\b`).test(text) ? `Scene ${sceneId}: ${text}` : text;
  const scene = sceneId ? `scene ${sceneId}` : "the scenes";
  switch (action) {
    case "approve":
      return stage === "story" ? "Looks good" : "Looks good. Render the clips";
    case "regenerate":
      return sceneId ? `Write ${scene} again` : "Write another one";
    case "edit":
      return `Changed ${scene}`;
    case "reorder":
      return "New order for the scenes";
    case "cancel":
      return "Stop here";
    default:
      return "…";
  }
}
