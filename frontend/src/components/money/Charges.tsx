/**
 * Paid calls nobody knows the charge of. They are never repeated by themselves: what each answer means stands with it.
 * Tests: tests/components/test_Charges.test.tsx
 */
import { CircleHelp } from "lucide-react";
import { useState } from "react";
import type { CallView } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { decideCharge } from "@/services/money";
import type { Generation } from "@/store/model";
import { Alert } from "./Alert";
import { usd } from "./usd";
import { useStep } from "./useOffer";

export function Charges({ generation }: { generation: Generation }) {
  return generation.charges.map((call) => <Charge key={call.id} generationId={generation.id} call={call} />);
}

function Charge({ generationId, call }: { generationId: string; call: CallView }) {
  const { busy, failed, run } = useStep();
  const [decided, setDecided] = useState(false);
  const decide = async (decision: "retry" | "give_up") => {
    setDecided(await run(() => decideCharge(generationId, call.id, decision)));
  };
  const upTo = usd(call.up_to_usd);
  return (
    <section aria-label={`${call.what}: was it charged?`} className="rounded-card border border-fair/40 bg-bubble p-5">
      <h2 className="flex items-center gap-2 text-lg font-semibold">
        <CircleHelp size={18} className="text-fair" aria-hidden />
        {call.what} may have been charged, up to {upTo}
      </h2>
      <p className="mt-1 text-ink-2">
        The order was sent to {call.provider}, and no answer came back. It is not ordered again by itself. The
        provider's own page shows whether it was charged.
      </p>
      <dl className="mt-4 grid gap-3 text-sm sm:grid-cols-2">
        <div>
          <dt className="font-medium">Buy it again</dt>
          <dd className="mt-0.5 text-ink-2">
            We look for the first order once more. If it is not found, it is bought again: both count as spent, up to{" "}
            {usd(2 * Number(call.up_to_usd))} in all.
          </dd>
        </div>
        <div>
          <dt className="font-medium">Leave it</dt>
          <dd className="mt-0.5 text-ink-2">
            Nothing more is bought. {upTo} counts as spent, because it may have been, and this part stays missing.
          </dd>
        </div>
      </dl>
      <Alert text={failed} />
      <div className="mt-4 flex flex-wrap justify-end gap-2">
        <Button disabled={busy || decided} onClick={() => void decide("give_up")}>
          Leave it
        </Button>
        <Button variant="primary" disabled={busy || decided} onClick={() => void decide("retry")}>
          Buy it again
        </Button>
      </div>
    </section>
  );
}
