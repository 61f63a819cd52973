/** Asks back about words after the film: for this ad, or for the next? Tests: tests/components/test_SessionComposer.test.tsx */
import { Button } from "@/components/ui/Button";
import type { Asked } from "./useAfterwards";

interface WhichAdProps {
  asked: Asked;
  change: (text: string) => void;
  begin: (text: string) => Promise<void>;
}

export function WhichAd({ asked: { text, question, choice }, change, begin }: WhichAdProps) {
  return (
    <div
      role="status"
      className="mb-3 flex flex-wrap items-center gap-x-4 gap-y-2 rounded-card border border-line bg-card px-4 py-3"
    >
      <p className="min-w-0 flex-1">{question || "Is this for the ad on screen, or for a new one?"}</p>
      {choice && (
        <div className="flex flex-wrap gap-2">
          <Button variant="primary" onClick={() => change(text)}>
            Change this ad
          </Button>
          <Button onClick={() => void begin(text)}>Start a new ad</Button>
        </div>
      )}
    </div>
  );
}
