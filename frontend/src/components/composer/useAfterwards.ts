/**
 * Words after the film: the server tells whether they speak of the ad on screen or begin another; where it is not sure
 * the person is asked, and an ad is never started from words that name a scene.
 * Used by SessionComposer.tsx. Tests: tests/components/test_SessionComposer.test.tsx
 */
import { useState } from "react";
import { changeFinished, readAfter } from "@/services/actions";
import { ApiError } from "@/services/errors";
import { useComposer } from "@/store/composerStore";
import type { Generation } from "@/store/model";

/** A question about the words in the field. With `choice` the person says which ad they are for. */
export interface Asked {
  text: string;
  question: string;
  choice: boolean;
}

const TAKEN_UP = "This ad was cancelled. Take it up again first; a change comes after that.";

export function useAfterwards(generation: Generation, start: (text: string) => Promise<boolean>) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const text = useComposer((state) => state.text);
  const finished = generation.status === "completed";
  const ask = (question: string, choice: boolean, words: string) => {
    setAsked({ text: words, question, choice });
    return false;
  };
  const send = async (words: string): Promise<boolean> => {
    setAsked(null);
    setProblem(null);
    setBusy(true);
    try {
      const { about, scene_id: sceneId, question } = await readAfter(generation, words);
      if (about === "new") return await start(words);
      if (about === "unsure") return finished ? ask("", true, words) : await start(words);
      if (question || !finished) return ask(finished ? question : TAKEN_UP, false, words);
      changeFinished(generation, words, sceneId);
      return true;
    } catch (error) {
      setProblem(error instanceof ApiError ? error : null);
      return false;
    } finally {
      setBusy(false);
    }
  };
  const taken = () => {
    setAsked(null);
    useComposer.getState().write("");
  };
  const change = (words: string) => {
    changeFinished(generation, words, null);
    taken();
  };
  const begin = async (words: string) => {
    if (await start(words)) taken();
  };
  // Other words make it another question.
  return { send, problem, busy, asked: asked?.text === text ? asked : null, change, begin };
}
