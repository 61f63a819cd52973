/**
 * A modal on the browser's own dialog element: it traps focus, closes on Esc and gives focus back by itself.
 * As a sheet it is a panel at the right edge. Tests: tests/components/test_Dialog.test.tsx
 */
import { X } from "lucide-react";
import { useEffect, useId, useRef, type ReactNode } from "react";
import { IconButton } from "./Button";
import { classes } from "./classes";

interface DialogProps {
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** Stays at the bottom while the rest scrolls. */
  footer?: ReactNode;
  sheet?: boolean;
  wide?: boolean;
  /** False for what must be answered: no close button, Esc does nothing. */
  dismissible?: boolean;
}

export function Dialog({ title, onClose, children, footer, sheet, wide, dismissible = true }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const element = dialog.current;
    if (element && !element.open) element.showModal();
    // The browser begins with the close button; some dialogs ask something.
    element?.querySelector<HTMLElement>("[data-first]")?.focus();
    return () => element?.close();
  }, []);
  return (
    // The backdrop is a mouse shortcut; the keyboard has Esc and the close button.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions, jsx-a11y/click-events-have-key-events
    <dialog
      ref={dialog}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        if (dismissible) onClose();
      }}
      onClick={(event) => {
        if (dismissible && event.target === dialog.current) onClose();
      }}
      className={classes(
        "fixed flex-col bg-bubble p-0 text-ink shadow-float open:flex",
        sheet
          ? "inset-y-0 right-0 left-auto m-0 h-dvh max-h-none w-[min(26rem,100vw)] max-w-none border-l border-line-strong"
          : "m-auto max-h-[min(44rem,calc(100dvh-2rem))] rounded-card border border-line-strong",
        !sheet && (wide ? "w-[min(56rem,calc(100vw-2rem))]" : "w-[min(30rem,calc(100vw-2rem))]"),
      )}
    >
      <header className="flex items-center justify-between gap-4 border-b border-line px-5 py-3">
        <h2 id={heading} className="text-lg font-semibold">
          {title}
        </h2>
        {dismissible && (
          <IconButton label="Close" onClick={onClose}>
            <X size={18} aria-hidden />
          </IconButton>
        )}
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div>
      {footer && (
        <footer className="flex items-center justify-end gap-2 border-t border-line px-5 py-3">{footer}</footer>
      )}
    </dialog>
  );
}
