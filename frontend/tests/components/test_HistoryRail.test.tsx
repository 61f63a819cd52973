/** The left rail: what stands how, what waits first, and what can be done with a row. */
import { act, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter } from "react-router";
import { HistoryRail } from "@/components/history/HistoryRail";
import { day, standing } from "@/components/history/standing";
import { usePipeline } from "@/store/pipelineStore";
import type { Clip } from "@/store/model";
import { ad, forgotten, listing } from "../fixtures/ads";
import { adAt, onScreen } from "../fixtures/generation";
import { unreachable } from "../fixtures/server";

function shown(ready = true) {
  const onSearch = vi.fn();
  render(
    <MemoryRouter>
      <HistoryRail ready={ready} onSearch={onSearch} />
    </MemoryRouter>,
  );
  return onSearch;
}

const links = () => within(screen.getByRole("navigation", { name: "Recent ads" })).getAllByRole("link");

afterEach(() => {
  forgotten();
  usePipeline.getState().reset();
  vi.useRealTimers();
});

describe("HistoryRail", () => {
  it("lists what waits for a person first, and links to each conversation", async () => {
    listing([ad("a"), ad("b", { status: "story", substage: "awaiting_approval" })]);
    shown();
    await screen.findByText("Waiting for your OK");
    expect(links()[0]).toHaveAttribute("href", "/s/session-b?g=b");
    expect(links()[1]).toHaveTextContent("Ad a");
  });

  it("asks for nothing before anybody is signed in", async () => {
    const server = listing([ad("a")]);
    shown(false);
    await act(async () => Promise.resolve());
    expect(server.asked).toEqual([]);
  });

  it("follows the run on screen without asking the server", async () => {
    const run = adAt(22);
    listing([ad(run.id, { status: "story" })]);
    shown();
    await screen.findByText("Writing the story");
    const clips = { 1: { status: "complete" } as Clip, 2: { status: "rendering" } as Clip };
    act(() => void onScreen({ ...run, status: "videos", substage: null, clipIds: [1, 2], clips }));
    expect(screen.getByText(`1 of ${run.scenes.length} clips ready`)).toBeInTheDocument();
  });

  it("believes the list again once the conversation is left", async () => {
    const run = adAt(22);
    listing([ad(run.id, { updated_at: "2099-01-01T00:00:00Z", overall_quality_score: 82.4 })]);
    onScreen(run);
    usePipeline.setState({ connection: { state: "disconnected", attempt: 0, reason: "" } });
    shown();
    expect(await screen.findByText(/^82\.4 · /)).toBeInTheDocument();
  });

  it("renames in place; Esc leaves the name as it was", async () => {
    const server = listing([ad("a")]);
    shown();
    await userEvent.click(await screen.findByRole("button", { name: "Rename Ad a" }));
    await userEvent.keyboard("Never{Escape}");
    expect(server.times("PATCH /")).toBe(0);
    await userEvent.click(screen.getByRole("button", { name: "Rename Ad a" }));
    await userEvent.keyboard("Morning{Enter}");
    expect(await screen.findByText("Morning")).toBeInTheDocument();
    expect(server.times("PATCH /")).toBe(1);
    await vi.waitFor(() => expect(links()[0]).toHaveFocus());
  });

  it("hands the focus to the next ad when one is deleted", async () => {
    listing([ad("a"), ad("b")]);
    shown();
    await userEvent.click(await screen.findByRole("button", { name: "Delete Ad a" }));
    expect(links()).toHaveLength(1);
    expect(links()[0]).toHaveFocus();
  });

  it("marks a favourite by name and picture", async () => {
    listing([ad("a")]);
    shown();
    await userEvent.click(await screen.findByRole("button", { name: "Add to favourites: Ad a" }));
    expect(screen.getByRole("img", { name: "Favourite" })).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Remove from favourites: Ad a" })).toBeInTheDocument();
  });

  it("says when the list can't be had, and tries again", async () => {
    const server = listing([ad("a")]);
    server.on("GET /api/generations", unreachable);
    shown();
    await screen.findByText(/can't be reached/);
    listing([ad("a")]);
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("Ad a")).toBeInTheDocument();
  });

  it("says what the list is for while it is empty", async () => {
    listing([]);
    shown();
    expect(await screen.findByText("Your ads will be listed here.")).toBeInTheDocument();
  });

  it("asks again every 15 seconds while something is unfinished", async () => {
    vi.useFakeTimers();
    const server = listing([ad("a", { status: "videos" })]);
    shown();
    await act(() => vi.advanceTimersByTimeAsync(10));
    const before = server.asked.length;
    await act(() => vi.advanceTimersByTimeAsync(15_000));
    expect(server.asked.length).toBe(before + 1);
  });

  it("opens the search", async () => {
    listing([]);
    const onSearch = shown();
    await userEvent.click(screen.getByRole("button", { name: /^Search/ }));
    expect(onSearch).toHaveBeenCalledOnce();
  });
});

describe("standing", () => {
  it.each([
    [{ status: "videos" as const }, "Rendering"],
    [{ status: "videos" as const, substage: "stitching" as const }, "Joining clips"],
    [{ status: "videos" as const, substage: "paused" as const }, "Paused"],
    [
      { status: "failed" as const, substage: "needs_retry" as const, current_stage: "videos" as const },
      "A clip failed",
    ],
    [{ status: "failed" as const, substage: "needs_retry" as const, current_stage: "story" as const }, "Failed"],
    [{ status: "failed" as const, substage: "needs_retry" as const, error_code: "brief_unclear" }, "Needs an answer"],
    [{ status: "failed" as const }, "Failed"],
  ])("tells %o as %s", (change, text) => {
    expect(standing(ad("a", change)).text).toBe(text);
  });

  it("colours a score by the thresholds of AC-4.7", () => {
    const dot = (score: number) => standing(ad("a", { overall_quality_score: score })).dot;
    expect([80.1, 80, 60, 59.9].map(dot)).toEqual(["bg-good", "bg-fair", "bg-fair", "bg-poor"]);
  });

  it("names days by how near they are", () => {
    const now = new Date(2026, 10, 24, 12);
    const at = (year: number, month: number, date: number) => day(new Date(year, month, date, 23).toISOString(), now);
    expect(at(2026, 10, 24)).toBe("Today");
    expect(at(2026, 10, 23)).toBe("Yesterday");
    expect(at(2026, 10, 20)).toBe("Fri");
    expect(at(2026, 10, 12)).toBe("12 Nov");
    expect(at(2025, 10, 12)).toBe("12 Nov 2025");
  });
});
