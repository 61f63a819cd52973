/** Spent, on hold and cap under the storyboard, with the way to the bill. Tests: tests/components/test_CostBreakdown.test.tsx */
import { useState } from "react";
import { later } from "@/components/ui/later";
import type { Generation } from "@/store/model";
import { usd } from "./usd";

const CostBreakdown = later(() => import("./CostBreakdown").then((module) => module.CostBreakdown));

export function Spent({ generation }: { generation: Generation }) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  const { spent_usd: spent, reserved_usd: reserved, cap_usd: cap } = generation.spending;
  const paid = Number(spent) > 0 || Number(reserved) > 0;
  return (
    <>
      <div>
        <dt className="text-xs text-ink-2">Spent</dt>
        <dd className="tnum">
          {paid ? (
            <button
              type="button"
              aria-label={`${usd(spent)} spent: see what was bought`}
              className="underline underline-offset-2"
              onClick={() => setOpen(true)}
            >
              {usd(spent)}
            </button>
          ) : (
            usd(spent)
          )}
        </dd>
      </div>
      {Number(reserved) > 0 && <Sum label="On hold" value={reserved} />}
      {(paid || Number(cap) > 0) && <Sum label="Cap" value={cap} />}
      {open && <CostBreakdown generation={generation} onClose={close} onFailed={close} />}
    </>
  );
}

function Sum({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt className="text-xs text-ink-2">{label}</dt>
      <dd className="tnum">{usd(value)}</dd>
    </div>
  );
}
