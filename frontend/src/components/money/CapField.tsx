/** The most an ad may spend, with what is spent already and today. Tests: tests/components/test_PaidApproval.test.tsx */
import { useId } from "react";
import type { Standing } from "@/api/types";
import { classes } from "@/components/ui/classes";
import { usd } from "./usd";

interface CapFieldProps {
  value: string;
  standing: Standing;
  /** Why it does not do; empty when it does. */
  problem: string;
  disabled?: boolean;
  onChange: (text: string) => void;
}

export function CapField({ value, standing, problem, disabled, onChange }: CapFieldProps) {
  const id = useId();
  const { spent_usd: spent, reserved_usd: reserved, today_usd: today, daily_cap_usd: daily } = standing;
  const hold = Number(reserved) > 0 ? `, ${usd(reserved)} on hold` : "";
  return (
    <div>
      <div className="flex items-start justify-between gap-4">
        <label htmlFor={id} className="text-sm">
          The most this ad may spend
          <span className="tnum block text-xs text-ink-2">
            {usd(spent)} spent so far{hold}. Today {usd(today)} of your {usd(daily)}.
          </span>
        </label>
        <span className="flex shrink-0 items-center gap-1.5 text-sm text-ink-2">
          $
          <input
            id={id}
            inputMode="decimal"
            autoComplete="off"
            value={value}
            disabled={disabled}
            aria-invalid={problem !== ""}
            aria-describedby={problem ? `${id}-problem` : undefined}
            onChange={(event) => onChange(event.target.value)}
            className={classes(
              "tnum min-h-9 w-24 rounded-control border bg-card px-3 text-right text-sm text-ink",
              problem ? "border-poor" : "border-line-strong",
            )}
          />
        </span>
      </div>
      {problem && (
        <p id={`${id}-problem`} className="mt-1 text-sm text-poor">
          {problem}
        </p>
      )}
    </div>
  );
}
