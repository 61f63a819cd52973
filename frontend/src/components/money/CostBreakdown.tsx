/** What an ad has cost, call by call, and where each figure comes from. Tests: tests/components/test_CostBreakdown.test.tsx */
import type { CallView, CostsView } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { fetchCosts } from "@/services/money";
import type { Generation } from "@/store/model";
import { usd } from "./usd";
import { useAsked } from "./useOffer";

const SOURCE: Record<NonNullable<CallView["cost_source"]>, string> = {
  reported: "reported by the provider",
  list_price: "list price",
  estimate: "estimate",
  free: "free",
};

const STATE: Record<CallView["state"], string> = {
  reserved: "to be ordered",
  running: "being made",
  paid: "",
  failed: "failed",
  unused: "not needed",
  unknown: "charge unknown",
};

export function CostBreakdown({ generation, onClose }: { generation: Generation; onClose: () => void }) {
  const { id, spending } = generation;
  const { data, problem, again } = useAsked(`${id} ${JSON.stringify(spending)}`, () => fetchCosts(id));
  return (
    <Dialog title="What this ad has cost" wide onClose={onClose} footer={<Button onClick={onClose}>Close</Button>}>
      {problem ? (
        <div role="alert">
          <p className="text-poor">{problem}</p>
          <Button className="mt-3" onClick={again}>
            Ask again
          </Button>
        </div>
      ) : data ? (
        <Bill data={data} />
      ) : (
        <p className="text-ink-2">Adding it up…</p>
      )}
    </Dialog>
  );
}

function Bill({ data }: { data: CostsView }) {
  return (
    <>
      <dl className="tnum flex flex-wrap gap-x-8 gap-y-2 text-sm">
        <Sum label="Spent" value={data.spent_usd} />
        <Sum label="On hold" value={data.reserved_usd} />
        <Sum label="Cap of this ad" value={data.cap_usd} />
        <Sum label="Today, all ads" value={data.today_usd} />
        <Sum label="Cap a day" value={data.daily_cap_usd} />
      </dl>
      {data.calls.length === 0 ? (
        <p className="mt-4 text-sm text-ink-2">Nothing was bought.</p>
      ) : (
        <ul className="tnum mt-4 divide-y divide-line text-sm">
          {data.calls.map((call) => (
            <li key={call.id} className="flex flex-wrap items-baseline gap-x-4 py-2">
              <span className="min-w-0 flex-1">
                <span className="font-medium">{call.what}</span>
                <span className="block text-xs text-ink-2">{`${call.provider} · ${call.model}`}</span>
                {call.message && <span className="block text-xs text-ink-2">{call.message}</span>}
              </span>
              <span className="text-right">
                {price(call)}
                <span className="block text-xs text-ink-2">
                  {[STATE[call.state], call.cost_source && SOURCE[call.cost_source]].filter(Boolean).join(", ")}
                </span>
              </span>
            </li>
          ))}
        </ul>
      )}
      <p className="mt-4 text-xs text-ink-2">
        List prices are what the catalogue says, not what a provider has confirmed. Compare them with the provider's
        bill.
      </p>
    </>
  );
}

/** What it cost; what it may still cost; nothing, when it ended without a cost. */
function price({ state, cost_usd: cost, up_to_usd: most }: CallView): string {
  if (cost !== null) return usd(cost);
  return state === "failed" || state === "unused" ? usd("0") : `up to ${usd(most)}`;
}

function Sum({ label, value }: { label: string; value: string }) {
  return (
    <div>
      <dt className="text-xs text-ink-2">{label}</dt>
      <dd>{usd(value)}</dd>
    </div>
  );
}
