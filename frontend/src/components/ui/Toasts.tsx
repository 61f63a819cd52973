/** Short messages that leave by themselves, later while the pointer or focus is on them. Tests: tests/components/test_Toasts.test.tsx */
import { X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useLocation } from "react-router";
import { useToasts, type Toast } from "@/store/toastStore";
import { Button, IconButton } from "./Button";
import { classes } from "./classes";

/** Without the top layer messages are drawn in place. */
const LAYERED = "showPopover" in HTMLElement.prototype;
const SHOWN_MS = { info: 6000, error: 10_000 };

export function Toasts() {
  const toasts = useToasts((state) => state.toasts);
  const { pathname } = useLocation();
  const region = useRef<HTMLElement>(null);
  const latest = toasts.at(-1)?.id;
  // In the browser's top layer, above an open dialog; a new message comes in front of a dialog opened since.
  useEffect(() => {
    const element = region.current;
    if (!element || !LAYERED) return;
    if (element.matches(":popover-open")) {
      if (!document.querySelector("dialog[open]")) return;
      element.hidePopover();
    }
    element.showPopover();
  }, [latest]);
  if (!toasts.length) return null;
  return (
    <section
      ref={region}
      popover={LAYERED ? "manual" : undefined}
      aria-label="Messages"
      className={classes(
        "fixed inset-auto left-1/2 z-50 m-0 w-[min(30rem,calc(100vw-2rem))] -translate-x-1/2 overflow-visible bg-transparent p-0 text-ink",
        // The composer stays free: one can go on writing.
        pathname.startsWith("/s/") ? "bottom-40" : "bottom-4",
      )}
    >
      <ul className="flex flex-col gap-2">
        {toasts.map((toast) => (
          <Item key={toast.id} toast={toast} />
        ))}
      </ul>
    </section>
  );
}

function Item({ toast }: { toast: Toast }) {
  const dismiss = useToasts((state) => state.dismiss);
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => dismiss(toast.id), SHOWN_MS[toast.tone]);
    return () => clearTimeout(timer);
  }, [held, dismiss, toast.id, toast.tone]);
  return (
    // Pointer or focus on a message keeps it; nothing is done by them.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <li
      className={classes(
        "flex animate-rise items-center gap-3 rounded-control border bg-raised py-2 pr-2 pl-4 shadow-float",
        toast.tone === "error" ? "border-poor/60" : "border-line-strong",
      )}
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
    >
      <span className="min-w-0 flex-1 break-words">{toast.text}</span>
      {toast.action && (
        <Button
          onClick={() => {
            toast.action?.run();
            dismiss(toast.id);
          }}
        >
          {toast.action.label}
        </Button>
      )}
      <IconButton label="Dismiss" onClick={() => dismiss(toast.id)}>
        <X size={16} aria-hidden />
      </IconButton>
    </li>
  );
}
