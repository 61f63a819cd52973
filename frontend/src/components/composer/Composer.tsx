/**
 * The place to write: a brief with its options and images, or an answer at a gate. What is written stays until it has
 * been taken. Tests: tests/components/test_Composer.test.tsx
 */
import { PromptInput } from "@/components/chat/PromptInput";
import { moneyProblem } from "@/components/money/choices";
import { settingsProblem } from "@/components/settings/checks";
import type { ReactNode } from "react";
import { later } from "@/components/ui/later";
import type { ApiError } from "@/services/errors";
import { useComposer, type Attachment, type Options } from "@/store/composerStore";
import { useStudio } from "@/store/studioStore";
import { DropOverlay } from "./DropOverlay";
import { OptionsBar } from "./OptionsBar";

const Attachments = later(() => import("./Attachments").then((module) => module.Attachments));

interface ComposerProps {
  mode: "new" | "gate" | "working" | "done";
  placeholder: string;
  /** Answers whether the text was taken; it is cleared then. */
  onSend: (text: string) => Promise<boolean> | boolean;
  onStop?: (() => void) | undefined;
  problem?: ApiError | null;
  /** Asked back about what stands in the field. */
  question?: ReactNode;
  busy?: boolean;
  takeFocus?: boolean;
}

export function Composer({ mode, placeholder, onSend, onStop, problem, question, busy, takeFocus }: ComposerProps) {
  const text = useComposer((state) => state.text);
  const write = useComposer((state) => state.write);
  const illustrated = useComposer((state) => state.attachments.length > 0);
  const view = useStudio((state) => state.view);
  const blocked = useComposer((state) => reasonToWait(state) || moneyProblem(state.options, view));
  const brief = mode === "new" || mode === "done";
  const submit = async (words: string) => {
    // What was typed while it was on its way stays.
    if ((await onSend(words)) && useComposer.getState().text === words) write("");
  };
  return (
    <div>
      {problem && <Problem problem={problem} />}
      {question}
      <PromptInput
        value={text}
        onChange={write}
        onSubmit={(words) => void submit(words)}
        disabled={mode === "working" || busy}
        blocked={brief ? blocked : ""}
        onStop={onStop}
        label={brief ? "Your brief" : "Your answer"}
        placeholder={placeholder}
        takeFocus={takeFocus}
        above={brief && illustrated && <Attachments />}
      >
        {brief && <OptionsBar />}
      </PromptInput>
      {brief && <CustomBeats />}
      {brief && <DropOverlay />}
    </div>
  );
}

/** What a brief still waits for, in words; empty when it can be sent. */
function reasonToWait({ attachments, options }: { attachments: Attachment[]; options: Options }): string {
  const uploading = attachments.filter((each) => each.state === "uploading").length;
  if (uploading) return uploading === 1 ? "One image is still uploading." : `${uploading} images are still uploading.`;
  if (options.framework === "custom" && !options.frameworkText.trim()) return "Your framework needs its beats.";
  return settingsProblem(options);
}

function Problem({ problem }: { problem: ApiError }) {
  const wait = problem.retryAfterS ? ` Try again in ${problem.retryAfterS} s.` : "";
  return (
    <div role="alert" className="mb-3 rounded-card border border-poor/40 bg-poor-soft px-4 py-3">
      <p className="font-medium">{problem.message}</p>
      {(problem.hint || wait) && <p className="text-sm text-ink-2">{`${problem.hint}${wait}`.trim()}</p>}
      {problem.problems.length > 0 && (
        <ul className="mt-1 list-disc pl-5 text-sm text-ink-2">
          {problem.problems.map(({ where, message }) => (
            <li key={where}>
              {where}: {message}
            </li>
          ))}
        </ul>
      )}
      <p className="mt-1 text-sm text-ink-2">What you wrote is still here.</p>
    </div>
  );
}

/** A framework of one's own needs its beats. */
function CustomBeats() {
  const framework = useComposer((state) => state.options.framework);
  const text = useComposer((state) => state.options.frameworkText);
  const set = useComposer((state) => state.set);
  if (framework !== "custom") return null;
  return (
    <label className="mt-3 block text-sm text-ink-2">
      Your beats, in order
      <input
        value={text}
        maxLength={2000}
        placeholder="Morning rush, first sip, quiet desk, order today"
        onChange={(event) => set({ frameworkText: event.target.value })}
        className="mt-1 min-h-9 w-full rounded-control border border-line-strong bg-card px-3 text-base text-ink placeholder:text-ink-3"
      />
    </label>
  );
}
