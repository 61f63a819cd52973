/** Where the conversation is scrolled to, and whether it follows its end. Used by ChatFeed.tsx. Tests: tests/components/test_ChatFeed.test.tsx */
import { useCallback, useLayoutEffect, useRef, useState, type RefObject } from "react";
import type { FeedItem } from "@/store/model";

/** Pixels from the end that still count as being there. */
const NEAR = 96;
/** What grows so soon after a click in a card was opened by the reader. */
const OPENED_MS = 400;

interface Stick {
  scroller: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  atEnd: boolean;
  /** Something was added below since the reader left the end. */
  unseen: boolean;
  toEnd: () => void;
}

export function useStickToEnd(feed: FeedItem[]): Stick {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const stick = useRef(true);
  const clickedAt = useRef(-Infinity);
  const [atEnd, setAtEnd] = useState(true);
  // One's own words are no news.
  const news = feed.filter((item) => item.kind !== "said").length;
  const [seen, setSeen] = useState(news);
  if (atEnd && seen !== news) setSeen(news);

  const toEnd = useCallback(() => {
    const element = scroller.current;
    stick.current = true;
    clickedAt.current = -Infinity;
    if (element) element.scrollTop = element.scrollHeight;
  }, []);

  const word = ownWord(feed);
  useLayoutEffect(() => {
    if (word) toEnd();
  }, [word, toEnd]);

  useLayoutEffect(() => {
    const [outer, inner] = [scroller.current, content.current];
    if (!outer || !inner) return;
    toEnd();
    let before = outer.scrollTop;
    let height = outer.scrollHeight;
    const near = () => outer.scrollHeight - outer.scrollTop - outer.clientHeight < NEAR;
    const onScroll = () => {
      // Only a reader moves up while the content stays as it is; cards that grow or shrink move the place by themselves.
      const byReader = outer.scrollHeight === height && outer.scrollTop < before - 1;
      if (near() || byReader) stick.current = near();
      before = outer.scrollTop;
      height = outer.scrollHeight;
      setAtEnd(near() || stick.current);
    };
    const onClick = () => (clickedAt.current = performance.now());
    // Pictures arrive and cards grow after they are drawn: the size says more than the items.
    const sizes = new ResizeObserver(() => {
      if (performance.now() - clickedAt.current < OPENED_MS || isWriting(inner)) stick.current = near();
      else if (stick.current) outer.scrollTop = outer.scrollHeight;
      height = outer.scrollHeight;
      setAtEnd(near() || stick.current);
    });
    outer.addEventListener("scroll", onScroll, { passive: true });
    inner.addEventListener("click", onClick);
    sizes.observe(inner);
    return () => {
      outer.removeEventListener("scroll", onScroll);
      inner.removeEventListener("click", onClick);
      sizes.disconnect();
    };
  }, [toEnd]);
  return { scroller, content, atEnd, unseen: news > seen, toEnd };
}

/**
 * The word this reader has just said, if its effect shows at the end: who says something wants to see the answer. A
 * change of one scene shows in its row, where the reader is.
 */
function ownWord(feed: FeedItem[]): string | null {
  const last = feed.at(-1);
  if (last?.kind !== "said" || !last.sending) return null;
  return last.sceneId !== null || last.action === "reorder" ? null : last.key;
}

function isWriting(content: HTMLElement): boolean {
  const active = document.activeElement;
  return content.contains(active) && active?.matches("input, textarea") === true;
}
