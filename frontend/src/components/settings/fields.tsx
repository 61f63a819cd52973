/** Fields of the settings sheet: name, one line of help, the problem under it. Tests: tests/components/test_SettingsSheet.test.tsx */
import { useId, useState, type ReactNode } from "react";
import { classes } from "@/components/ui/classes";

const FIELD = "min-h-9 rounded-control border bg-card px-3 text-sm placeholder:text-ink-3";

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="mb-3 text-sm font-semibold">{title}</h3>
      <div className="flex flex-col gap-4">{children}</div>
    </section>
  );
}

interface TextFieldProps {
  label: string;
  help?: string;
  value: string;
  limit: number;
  problem?: string;
  onChange: (value: string) => void;
}

export function TextField({ label, help, value, limit, problem, onChange }: TextFieldProps) {
  const id = useId();
  return (
    <div>
      <label htmlFor={id} className="mb-1 block text-sm">
        {label}
        {help && <span className="block text-xs text-ink-2">{help}</span>}
      </label>
      <input
        id={id}
        value={value}
        maxLength={limit}
        aria-invalid={Boolean(problem)}
        aria-describedby={problem ? `${id}-problem` : undefined}
        onChange={(event) => onChange(event.target.value)}
        className={classes(FIELD, "w-full", problem ? "border-poor" : "border-line-strong")}
      />
      {problem && (
        <p id={`${id}-problem`} className="mt-1 text-xs text-poor">
          {problem}
        </p>
      )}
    </div>
  );
}

interface NumberFieldProps {
  label: string;
  help?: string | undefined;
  value: number | null;
  /** What an empty field means; shown in it. */
  shipped: number | null;
  min: number;
  max: number;
  step?: number | undefined;
  onChange: (value: number | null) => void;
}

export function NumberField({ label, help, value, shipped, min, max, step = 1, onChange }: NumberFieldProps) {
  const id = useId();
  // The field keeps what was typed, legal or not; only a fresh one begins with the value.
  const [text, setText] = useState(value === null ? "" : String(value));
  const range = { min, max, whole: step === 1 };
  const wrong = fault(text, range);
  return (
    <div className="flex items-start justify-between gap-4">
      <label htmlFor={id} className="text-sm">
        {label}
        {help && <span className="block text-xs text-ink-2">{help}</span>}
        {wrong && (
          <span id={`${id}-problem`} className="block text-xs text-poor">
            {wrong}
          </span>
        )}
      </label>
      <input
        id={id}
        inputMode="decimal"
        value={text}
        placeholder={shipped === null ? "auto" : String(shipped)}
        aria-invalid={wrong !== ""}
        aria-describedby={wrong ? `${id}-problem` : undefined}
        onChange={(event) => {
          setText(event.target.value);
          onChange(fault(event.target.value, range) ? null : numberOf(event.target.value));
        }}
        className={classes(FIELD, "tnum w-24 shrink-0 text-right", wrong ? "border-poor" : "border-line-strong")}
      />
    </div>
  );
}

interface NumberRange {
  min: number;
  max: number;
  whole: boolean;
}

/** What is wrong with a number as it stands in its field; empty for a legal one and for none. */
function fault(text: string, { min, max, whole }: NumberRange): string {
  if (!text.trim()) return "";
  const value = numberOf(text);
  const legal = value !== null && value >= min && value <= max && (!whole || Number.isInteger(value));
  if (legal) return "";
  return `${whole ? "A whole number" : "A number"} from ${min} to ${max.toLocaleString("en")}; not used as it is`;
}

function numberOf(text: string): number | null {
  const value = Number(text.replace(",", "."));
  return text.trim() === "" || !Number.isFinite(value) ? null : value;
}

interface SwitchProps {
  label: string;
  help: string;
  on: boolean;
  onChange: (on: boolean) => void;
}

export function Switch({ label, help, on, onChange }: SwitchProps) {
  const id = useId();
  return (
    <div className="flex items-start justify-between gap-4">
      <label htmlFor={id} className="text-sm">
        {label}
        <span className="block text-xs text-ink-2">{help}</span>
      </label>
      <button
        id={id}
        type="button"
        role="switch"
        aria-checked={on}
        onClick={() => onChange(!on)}
        className="inline-flex min-h-8 shrink-0 items-center"
      >
        <span
          className={classes(
            "flex h-6 w-10 items-center rounded-full border p-0.5",
            on ? "border-accent bg-accent" : "border-ink-3 bg-card",
          )}
        >
          <span
            className={classes(
              "size-4 rounded-full transition-transform",
              on ? "translate-x-4 bg-on-accent" : "bg-ink-2",
            )}
          />
        </span>
      </button>
    </div>
  );
}
