/**
 * The composer of a conversation: what may be said follows from where the ad stands. Text at a gate is feedback, an
 * answer where the brief could not be read; after the end the server tells whether it speaks of this ad or begins the
 * next. Tests: tests/components/test_SessionComposer.test.tsx
 */
import { useNavigate } from "react-router";
import { Button } from "@/components/ui/Button";
import { control, speak } from "@/services/actions";
import { useStartAd } from "@/services/useStartAd";
import { questionOf } from "@/store/gate";
import type { Generation } from "@/store/model";
import { usePipeline } from "@/store/pipelineStore";
import { Composer } from "./Composer";
import { fillComposer } from "./fillComposer";
import { useAfterwards } from "./useAfterwards";
import { WhichAd } from "./WhichAd";

type Mode = "gate" | "working" | "done";

/** What the composer is for now. */
export function composerMode(generation: Generation): Mode {
  if (generation.gate || generation.substage === "expired" || questionOf(generation)) return "gate";
  if (generation.status === "completed" || generation.substage === "cancelled") return "done";
  return "working";
}

const STOPPED = "Go on with the buttons above";
const PLACEHOLDER: Record<Mode, string> = {
  gate: "Say what should change, or approve",
  working: "You can write again when this step is done",
  done: "Change this ad, or describe the next one",
};

/** Nothing moves until somebody decides; joining the clips is work like any other. */
function stopped({ substage }: Generation): boolean {
  return substage !== null && substage !== "stitching";
}

export function SessionComposer({ generation }: { generation: Generation }) {
  const readOnly = usePipeline((state) => state.readOnly);
  const start = useStartAd();
  const after = useAfterwards(generation, start.send);
  if (readOnly) return <ReadOnly generation={generation} />;
  const mode = composerMode(generation);
  const question = questionOf(generation);
  const stoppable = mode === "working" && generation.actions.includes("pause");
  const send = (text: string) => {
    if (mode === "done") return after.send(text);
    speak(generation, text);
    return true;
  };
  return (
    <div className="mx-auto w-full max-w-[760px] px-5 pb-4">
      <Composer
        mode={mode}
        placeholder={question || (mode === "working" && stopped(generation) ? STOPPED : PLACEHOLDER[mode])}
        onSend={send}
        onStop={stoppable ? () => void control(generation, "pause") : undefined}
        problem={start.problem ?? after.problem}
        question={mode === "done" && after.asked && <WhichAd {...after} asked={after.asked} />}
        busy={start.busy || after.busy}
        takeFocus={question !== ""}
      />
    </div>
  );
}

function ReadOnly({ generation }: { generation: Generation }) {
  const navigate = useNavigate();
  const day = new Date(generation.updatedAt).toLocaleDateString(undefined, { day: "numeric", month: "long" });
  const again = () => {
    fillComposer(generation);
    void navigate("/");
  };
  return (
    <div className="mx-auto flex w-full max-w-[760px] flex-wrap items-center justify-between gap-3 px-5 pt-2 pb-6">
      <p className="text-sm text-ink-2">This conversation ended on {day}. It is kept as it was.</p>
      <Button variant="primary" onClick={again}>
        Start again from here
      </Button>
    </div>
  );
}
