/** What a person does in the studio, as steps that the browser tests share. */
import type { Page } from "playwright-core";

/** Type a brief into the composer and send it; waits until its conversation is open. */
export async function ask(page: Page, brief: string): Promise<void> {
  await page.locator("[data-composer]").fill(brief);
  await page.locator("[data-composer]").press("Enter");
  await page.waitForURL(/\/s\//);
}

/** Press the approval button of a gate and wait until the server has taken it. */
export async function approve(page: Page, stage: "story" | "scenes"): Promise<void> {
  const name = stage === "story" ? "Looks good" : /^Render \d+ clips?/;
  await page.getByRole("button", { name }).click();
  await page.getByRole("button", { name }).waitFor({ state: "detached" });
}

export interface Played {
  width: number;
  /** Seconds that currentTime advanced in one second. */
  moved: number;
  frames: number;
}

/** Play the one video on the page for a second and tell what was decoded. */
export async function played(page: Page): Promise<Played> {
  await page.locator("video").waitFor({ state: "attached" });
  return page.locator("video").evaluate(async (element) => {
    const video = element as HTMLVideoElement;
    video.muted = true;
    await video.play();
    const from = video.currentTime;
    await new Promise((resolve) => setTimeout(resolve, 1200));
    const moved = video.currentTime - from;
    const frames = video.getVideoPlaybackQuality().totalVideoFrames;
    video.pause();
    return { width: video.videoWidth, moved, frames };
  });
}

/** Wait until the whole ad can be taken away. */
export async function waitForClips(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Download", exact: true }).first().waitFor();
}

export interface UserMessage {
  message_id: string;
  stage: string;
  action: string;
}

/** What the server has heard in the session on screen, from its own log. */
export async function userMessages(page: Page): Promise<UserMessage[]> {
  const sessionId = /\/s\/([^/?]+)/.exec(page.url())?.[1] ?? "";
  const answer = await page.request.get(
    new URL(`/api/sessions/${sessionId}/events?since=0&limit=500`, page.url()).href,
  );
  const { data } = (await answer.json()) as { data: { events: { type: string; payload: UserMessage }[] } };
  return data.events.filter((event) => event.type === "user_message").map((event) => event.payload);
}
