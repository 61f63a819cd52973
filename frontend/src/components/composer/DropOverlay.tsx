/** Images can be dropped anywhere on the page. Tests: tests/components/test_DropOverlay.test.tsx */
import { ImagePlus } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { attachFiles } from "@/services/upload";

export function DropOverlay() {
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  useEffect(() => {
    const files = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const enter = (event: DragEvent) => {
      if (!files(event)) return;
      depth.current += 1;
      setOver(true);
    };
    const leave = (event: DragEvent) => {
      if (!files(event)) return;
      depth.current = Math.max(0, depth.current - 1);
      if (depth.current === 0) setOver(false);
    };
    // Without this the browser opens the file instead of giving it to us.
    const allow = (event: DragEvent) => files(event) && event.preventDefault();
    const drop = (event: DragEvent) => {
      if (!files(event)) return;
      event.preventDefault();
      depth.current = 0;
      setOver(false);
      attachFiles(event.dataTransfer?.files ?? []);
    };
    const on = { dragenter: enter, dragleave: leave, dragover: allow, drop };
    for (const [name, handler] of Object.entries(on)) window.addEventListener(name, handler as EventListener);
    return () => {
      for (const [name, handler] of Object.entries(on)) window.removeEventListener(name, handler as EventListener);
    };
  }, []);
  if (!over) return null;
  return (
    <div className="pointer-events-none fixed inset-0 z-50 flex flex-col items-center justify-center gap-3 bg-black/70 text-lg">
      <ImagePlus size={40} className="text-accent" aria-hidden />
      Drop brand images
      <p className="text-sm text-ink-2">JPEG, PNG or WebP, 10 MB each</p>
    </div>
  );
}
