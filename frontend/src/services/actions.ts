/**
 * Everything a person can do, as functions that components call. Words at a gate go through the socket's outbox, so that
 * they survive a lost connection and count once; the rest is HTTP. Failures become a toast and are never thrown at a
 * component, except where the answer is needed. Tests: tests/services/test_actions.test.ts
 */
import type { Gate, GenerateBody, Reading, SceneChange, StageName, Started } from "@/api/types";
import { usePipeline, type Said } from "@/store/pipelineStore";
import type { Generation, SaidAction } from "@/store/model";
import { useToasts } from "@/store/toastStore";
import { api, generate, unwrap } from "./api";
import { told } from "./errors";
import { refreshSoon, sendFeedback } from "./session";
import { newId } from "./ids";

/** Start an ad; throws ApiError so that the composer can keep the text and show the reason in the feed. */
export async function startAd(body: GenerateBody, key: string): Promise<Started> {
  return generate(body, key);
}

interface Word {
  text?: string;
  action?: SaidAction;
  sceneId?: number;
  change?: SceneChange;
  order?: number[];
}

/** Say something at a gate: words to be understood, or what a button means. Returns the message's id. */
function say(generation: Generation, stage: StageName, word: Word): string {
  const { text = "", action = null, sceneId = null, change = null, order = null } = word;
  const said: Said = { id: newId(), text, stage, action, sceneId };
  usePipeline.getState().said(generation.id, said);
  sendFeedback(said.id, generation.id, {
    message: text,
    stage,
    scene_id: sceneId,
    action: action === "unclear" ? null : action,
    change,
    order,
    ...agreedTo(action === "approve" ? generation.gate : null),
  });
  return said.id;
}

/** The draft and the price that an approval is for. */
function agreedTo(gate: Gate | null): { draft_digest: string; quote_digest: string } {
  return { draft_digest: gate?.draft_digest ?? "", quote_digest: gate?.quote?.digest ?? "" };
}

/** Approve the draft and the price on screen, and only those. */
export function approve(generation: Generation): void {
  if (generation.gate) say(generation, generation.gate.stage, { action: "approve" });
}

/** Free words: the server reads what they mean. */
export function speak(generation: Generation, text: string): void {
  say(generation, generation.gate?.stage ?? generation.stage ?? "story", { text });
}

/** What words after the film speak of: this ad, or another. Throws ApiError, so that they stay where they are. */
export function readAfter(generation: Generation, message: string): Promise<Reading> {
  const params = { path: { generation_id: generation.id } };
  return unwrap(api.POST("/api/generations/{generation_id}/reading", { params, body: { message } }));
}

/** A wish for a finished ad: one scene of it, or all of them. */
export function changeFinished(generation: Generation, text: string, sceneId: number | null): void {
  say(generation, "videos", { text, action: sceneId === null ? "refine" : "edit", ...(sceneId && { sceneId }) });
}

/** A wish that is surely one: a chip such as "More dramatic". */
export function refine(generation: Generation, text: string): void {
  say(generation, generation.gate?.stage ?? "story", { text, action: "refine" });
}

export function regenerate(generation: Generation): void {
  say(generation, generation.gate?.stage ?? "story", { action: "regenerate" });
}

/** The person's own words in one scene: at the gate by the outbox, later by HTTP. */
export function editScene(generation: Generation, sceneId: number, change: SceneChange): Promise<boolean> {
  if (generation.gate?.stage === "scenes") {
    say(generation, "scenes", { action: "edit", sceneId, change });
    return Promise.resolve(true);
  }
  const path = { generation_id: generation.id, scene_id: sceneId };
  const body = { change, draft_digest: "" };
  return attempt(unwrap(api.PATCH("/api/generations/{generation_id}/scenes/{scene_id}", { params: { path }, body })));
}

/** Have one scene written anew, with a wish if there is one; possible at the scenes gate only. */
export function regenerateScene(generation: Generation, sceneId: number, wish = ""): void {
  say(generation, "scenes", { action: wish ? "edit" : "regenerate", sceneId, text: wish });
}

export function reorderScenes(generation: Generation, order: number[]): Promise<boolean> {
  if (generation.gate?.stage === "scenes") {
    say(generation, "scenes", { action: "reorder", order });
    return Promise.resolve(true);
  }
  const params = { path: { generation_id: generation.id } };
  return attempt(unwrap(api.POST("/api/generations/{generation_id}/scenes/order", { params, body: { order } })));
}

/** Film one clip again; a clip that is fine only when `newTake` says so. */
export function retryClip(generation: Generation, sceneId: number, newTake = false): Promise<boolean> {
  const path = { generation_id: generation.id, scene_id: sceneId };
  const body = { new_take: newTake };
  return attempt(
    unwrap(api.POST("/api/generations/{generation_id}/clips/{scene_id}/retry", { params: { path }, body })),
  );
}

/** Score every clip and the film anew. */
export function scoreAgain(generation: Generation): Promise<boolean> {
  const params = { path: { generation_id: generation.id } };
  return attempt(unwrap(api.POST("/api/generations/{generation_id}/scores", { params })));
}

/** Pause, resume or cancel a run. */
export function control(generation: Generation, verb: "pause" | "resume" | "cancel"): Promise<boolean> {
  const params = { path: { generation_id: generation.id } };
  switch (verb) {
    case "pause":
      return attempt(unwrap(api.POST("/api/generations/{generation_id}/pause", { params })));
    case "resume":
      return attempt(unwrap(api.POST("/api/generations/{generation_id}/resume", { params })));
    case "cancel":
      return attempt(unwrap(api.POST("/api/generations/{generation_id}/cancel", { params })));
  }
}

/** Address of a download; the server names the file. */
export function downloadUrl(generationId: string, what = "final", id?: string | number): string {
  const query = new URLSearchParams({ what, ...(id === undefined ? {} : { id: String(id) }) });
  return `/api/generations/${generationId}/download?${query}`;
}

async function attempt(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    refreshSoon();
    return true;
  } catch (error) {
    useToasts.getState().show({ text: told(error), tone: "error" });
    return false;
  }
}
