/**
 * The text field with its send button (AC-5.1): Enter sends, Shift+Enter breaks the line, text that is being composed
 * by an input method is left alone. Tests: tests/components/test_PromptInput.test.tsx
 */
import { ArrowUp, Square } from "lucide-react";
import { useEffect, useId, useRef, type KeyboardEvent, type ReactNode } from "react";
import { classes } from "@/components/ui/classes";

const LIMIT = 5000;
const COUNTED_FROM = 4500;
const KEY_OF_INPUT_METHOD = 229;

interface PromptInputProps {
  value: string;
  onChange: (value: string) => void;
  onSubmit: (text: string) => void;
  /** A stage is computing: nothing can be sent, what is written stays. */
  disabled?: boolean;
  /** Given while something can be stopped: the send button becomes Stop. */
  onStop?: (() => void) | undefined;
  label: string;
  placeholder: string;
  takeFocus?: boolean;
  /** Beside the send button. */
  children?: ReactNode;
  /** Above the text: images. */
  above?: ReactNode;
  /** Why it can't be sent yet, in words; nothing when it can. */
  blocked?: string | undefined;
}

export function PromptInput(props: PromptInputProps) {
  const { value, onChange, onSubmit, disabled, onStop, label, placeholder, takeFocus, children, above, blocked } =
    props;
  const field = useRef<HTMLTextAreaElement>(null);
  const notes = useId();
  useEffect(() => {
    if (takeFocus) field.current?.focus();
  }, [takeFocus]);
  const length = [...value].length;
  const ready = !disabled && !blocked && value.trim() !== "" && length <= LIMIT;
  const onKeyDown = (event: KeyboardEvent) => {
    const composing = event.nativeEvent.isComposing || event.keyCode === KEY_OF_INPUT_METHOD;
    if (event.key !== "Enter" || event.shiftKey || composing) return;
    event.preventDefault();
    if (ready) onSubmit(value);
  };
  return (
    <div className="rounded-bubble border border-line-strong bg-bubble p-3 shadow-float focus-within:border-accent/60">
      {above}
      <textarea
        ref={field}
        data-composer
        rows={1}
        value={value}
        aria-label={label}
        aria-describedby={notes}
        aria-invalid={length > LIMIT}
        placeholder={placeholder}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
        className="field-sizing-content max-h-[11.5rem] min-h-8 w-full resize-none bg-transparent px-2 py-1 text-lg outline-none placeholder:text-ink-3"
      />
      <div id={notes} className="px-2 text-xs">
        {length >= COUNTED_FROM && (
          <p className={classes("tnum", length > LIMIT ? "text-poor" : "text-ink-2")}>
            {length > LIMIT
              ? `${over(length - LIMIT)} too many: shorten it to ${LIMIT.toLocaleString("en")}. Nothing has been cut.`
              : `${length.toLocaleString("en")} of ${LIMIT.toLocaleString("en")} characters`}
          </p>
        )}
        {blocked && value.trim() !== "" && <p className="text-fair">{blocked}</p>}
      </div>
      <div className="mt-1 flex items-end gap-2">
        <div className="flex min-w-0 flex-1 flex-wrap items-center gap-1">{children}</div>
        {onStop ? (
          <Round label="Stop" onClick={onStop}>
            <Square size={14} fill="currentColor" aria-hidden />
          </Round>
        ) : (
          <Round label="Send" disabled={!ready} onClick={() => onSubmit(value)}>
            <ArrowUp size={18} aria-hidden />
          </Round>
        )}
      </div>
    </div>
  );
}

function over(characters: number): string {
  return characters === 1 ? "1 character" : `${characters.toLocaleString("en")} characters`;
}

interface RoundProps {
  label: string;
  disabled?: boolean;
  onClick: () => void;
  children: ReactNode;
}

function Round({ label, disabled, onClick, children }: RoundProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={onClick}
      className="inline-flex size-9 shrink-0 items-center justify-center rounded-full bg-accent text-on-accent hover:bg-[#7bedc0] disabled:bg-raised disabled:text-ink-3"
    >
      {children}
    </button>
  );
}
