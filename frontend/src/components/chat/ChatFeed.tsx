/**
 * The conversation, oldest first (AC-5.1). It follows the newest item while the reader is at the end, and never pulls
 * away a reader who has scrolled up or works in a card. Tests: tests/components/test_ChatFeed.test.tsx
 */
import { ArrowDown } from "lucide-react";
import type { ReactNode } from "react";
import { classes } from "@/components/ui/classes";
import type { FeedItem, Generation } from "@/store/model";
import { useStickToEnd } from "./useStickToEnd";

/** Items at the end that are always laid out; older ones only where they can be seen. */
const NEW = 6;

interface ChatFeedProps {
  generation: Generation;
  renderItem: (item: FeedItem) => ReactNode;
  /** What is being made now; not part of the log. */
  footer?: ReactNode;
}

export function ChatFeed({ generation, renderItem, footer }: ChatFeedProps) {
  const { feed } = generation;
  const { scroller, content, atEnd, unseen, toEnd } = useStickToEnd(feed);
  return (
    <div className="relative min-h-0 flex-1">
      {/* A scrolling region must be reachable by keyboard. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div ref={scroller} tabIndex={0} role="region" aria-label="Conversation" className="h-full overflow-y-auto">
        <div ref={content} className="mx-auto flex w-full max-w-[760px] flex-col gap-6 px-5 py-6">
          <div role="log" aria-live="off" aria-label="Messages" className="flex flex-col gap-6">
            {feed.map((item, index) => (
              // The margin leaves room for focus rings, which containment would cut off.
              <div
                key={item.key}
                className={classes(
                  "-m-1 p-1 [contain-intrinsic-block-size:auto_12rem]",
                  index < feed.length - NEW && "[content-visibility:auto]",
                )}
              >
                {renderItem(item)}
              </div>
            ))}
          </div>
          {footer}
        </div>
      </div>
      {!atEnd && (
        <button
          type="button"
          onClick={() => {
            toEnd();
            scroller.current?.focus({ preventScroll: true });
          }}
          className="absolute bottom-3 left-1/2 inline-flex min-h-8 -translate-x-1/2 items-center gap-2 rounded-full border border-line-strong bg-raised px-3 text-sm shadow-float"
        >
          <ArrowDown size={14} aria-hidden />
          {unseen ? "New messages" : "To the latest"}
        </button>
      )}
    </div>
  );
}
