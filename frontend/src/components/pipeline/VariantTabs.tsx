/** The ads of one conversation, when there is more than one. Tests: tests/routes/test_UnifiedPipeline.test.tsx */
import { Columns2 } from "lucide-react";
import { Link } from "react-router";
import { useShallow } from "zustand/react/shallow";
import { classes } from "@/components/ui/classes";
import { usePipeline } from "@/store/pipelineStore";

export function VariantTabs() {
  const order = usePipeline((state) => state.order);
  const labels = usePipeline(useShallow((state) => state.order.map((id) => state.generations[id]?.variant ?? "")));
  const currentId = usePipeline((state) => state.currentId);
  const groupId = usePipeline((state) => (currentId ? state.generations[currentId]?.groupId : null));
  const select = usePipeline((state) => state.select);
  if (order.length < 2) return null;
  return (
    <nav aria-label="Ads of this conversation" className="flex items-center gap-1 border-b border-line px-5 py-2">
      {order.map((id, index) => (
        <button
          key={id}
          type="button"
          aria-pressed={id === currentId}
          onClick={() => select(id)}
          className={classes(
            "min-h-8 max-w-48 truncate rounded-control px-3 text-sm",
            id === currentId ? "bg-bubble text-ink" : "text-ink-2 hover:bg-bubble",
          )}
        >
          {labels[index] || `Ad ${index + 1}`}
        </button>
      ))}
      {groupId && (
        <Link
          to={`/compare/${groupId}`}
          className="ml-auto inline-flex min-h-8 items-center gap-2 rounded-control px-3 text-sm text-ink-2 hover:bg-bubble hover:text-ink"
        >
          <Columns2 size={14} aria-hidden />
          Compare
        </Link>
      )}
    </nav>
  );
}
