/**
 * A gate behind which something is bought (pictures after the story, clips after the scenes): the quote, the cap that holds it, and the most it can cost on the button.
 * Tests: tests/components/test_PaidApproval.test.tsx
 */
import type { Quote } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { approve } from "@/services/actions";
import { fetchCosts, setCap } from "@/services/money";
import { answered } from "@/store/gate";
import type { Generation } from "@/store/model";
import { Alert } from "./Alert";
import { CapField } from "./CapField";
import { priceOf } from "./caps";
import { QuoteTable } from "./QuoteTable";
import { upTo, useAsked, useCap, useStep } from "./useOffer";

interface PaidApprovalProps {
  generation: Generation;
  /** What approving is called here. */
  label: string;
  /** A scene is being edited. */
  blocked: boolean;
}

export function PaidApproval({ generation, label, blocked }: PaidApprovalProps) {
  const quote = generation.gate?.quote;
  return quote ? <Offer generation={generation} label={label} blocked={blocked} quote={quote} /> : null;
}

function Offer({ generation, label, blocked, quote }: PaidApprovalProps & { quote: Quote }) {
  const { id, spending } = generation;
  const asked = useAsked(`${id} ${JSON.stringify(spending)}`, () => fetchCosts(id));
  const cap = useCap(priceOf(quote), asked.data);
  const { busy, failed, run } = useStep();
  const go = () =>
    run(async () => {
      if (cap.change !== null) await setCap(id, cap.change);
      approve(generation);
    });
  return (
    <section aria-label="What it costs" className="flex flex-col gap-4">
      <QuoteTable quote={quote} />
      {asked.data && (
        <CapField value={cap.text} standing={asked.data} problem={cap.problem} disabled={busy} onChange={cap.write} />
      )}
      <Alert text={failed || asked.problem} />
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="min-w-0 flex-1 text-sm text-ink-2">
          {blocked ? "Save or cancel your edit first." : "Nothing is bought before you press this, nor past the cap."}
        </p>
        {asked.problem && <Button onClick={asked.again}>Ask again</Button>}
        <Button
          variant="primary"
          disabled={busy || blocked || !cap.holds || answered(generation)}
          onClick={() => void go()}
        >
          {label + upTo(cap)}
        </Button>
      </div>
    </section>
  );
}
