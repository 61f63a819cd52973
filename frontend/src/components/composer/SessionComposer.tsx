/**
 * The composer of a conversation: what may be said follows from where the ad stands. Text at a gate is feedback, text
 * after the end is the next ad. Tests: tests/components/test_SessionComposer.test.tsx
 */
import { useNavigate } from "react-router";
import { Button } from "@/components/ui/Button";
import { control, speak } from "@/services/actions";
import { useStartAd } from "@/services/useStartAd";
import type { Generation } from "@/store/model";
import { usePipeline } from "@/store/pipelineStore";
import { Composer } from "./Composer";
import { fillComposer } from "./fillComposer";

type Mode = "gate" | "working" | "done";

/** What the composer is for now. */
export function composerMode(generation: Generation): Mode {
  if (generation.gate || generation.substage === "expired") return "gate";
  if (generation.status === "completed" || generation.substage === "cancelled") return "done";
  return "working";
}

const STOPPED = "Go on with the buttons above";
const PLACEHOLDER: Record<Mode, string> = {
  gate: "Say what should change, or approve",
  working: "You can write again when this step is done",
  done: "Describe the next ad",
};

/** Nothing moves until somebody decides; joining the clips is work like any other. */
function stopped({ substage }: Generation): boolean {
  return substage !== null && substage !== "stitching";
}

export function SessionComposer({ generation }: { generation: Generation }) {
  const readOnly = usePipeline((state) => state.readOnly);
  const start = useStartAd();
  if (readOnly) return <ReadOnly generation={generation} />;
  const mode = composerMode(generation);
  const stoppable = mode === "working" && generation.actions.includes("pause");
  const send = (text: string) => {
    if (mode === "done") return start.send(text);
    speak(generation, text);
    return true;
  };
  return (
    <div className="mx-auto w-full max-w-[760px] px-5 pb-4">
      <Composer
        mode={mode}
        placeholder={mode === "working" && stopped(generation) ? STOPPED : PLACEHOLDER[mode]}
        onSend={send}
        onStop={stoppable ? () => void control(generation, "pause") : undefined}
        problem={start.problem}
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
