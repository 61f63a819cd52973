/**
 * Parts of the studio whose code is loaded when they are first drawn. The server may be gone just then: what is on screen
 * stays, and the part is tried again. (A rejected `React.lazy` takes the whole page away and is never tried again.)
 * Chromium 147 still answers a second try from memory, so there only loading the page anew helps (whatwg/html#10327).
 * Tests: tests/components/test_later.test.tsx
 */
import { useEffect, useRef, useState, type ComponentType, type ReactNode } from "react";
import { useToasts } from "@/store/toastStore";

const LONGEST_MS = 16_000;
const PAUSES_MS = [1000, 2000, 4000, 8000, LONGEST_MS];

interface LaterProps {
  /** Stands there until the part is loaded. */
  waiting?: ReactNode;
  /** Stands there instead once loading has failed; it is tried again all the while. */
  broken?: ReactNode;
  /** For what a person opened: take it away again. They are told, and it is not tried again by itself. */
  onFailed?: () => void;
}

/** The component that `load` fetches, to be drawn at once wherever it is fetched already. */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P & LaterProps> {
  let Part: ComponentType<P> | null = null;

  function Later({ waiting = null, broken = waiting, onFailed, ...rest }: P & LaterProps) {
    const [, draw] = useState(false);
    const [failures, setFailures] = useState(0);
    const takeAway = useRef(onFailed);
    useEffect(() => {
      takeAway.current = onFailed;
    });
    useEffect(() => {
      if (Part) return;
      let wanted = true;
      const loaded = (part: ComponentType<P>) => {
        Part = part;
        if (wanted) draw(true);
      };
      const failed = () => {
        if (!wanted) return;
        if (!takeAway.current) return setFailures(failures + 1);
        useToasts
          .getState()
          .show({ text: "That could not be loaded. Reload the page when AdMint runs again.", tone: "error" });
        takeAway.current();
      };
      const timer = setTimeout(() => void load().then(loaded, failed), pauseAfter(failures));
      return () => {
        wanted = false;
        clearTimeout(timer);
      };
    }, [failures]);
    if (Part) return <Part {...(rest as unknown as P)} />;
    return failures > 0 ? broken : waiting;
  }
  return Later;
}

const pauseAfter = (failures: number) => (failures === 0 ? 0 : (PAUSES_MS[failures - 1] ?? LONGEST_MS));
