/** Variants side by side: in step, at most three videos, one chosen. */
import { act, fireEvent, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter, Route, Routes } from "react-router";
import { Compare } from "@/routes/Compare";
import { forgotten, group, member } from "../fixtures/ads";
import { FakeServer, ok, refusal, unreachable } from "../fixtures/server";

function shown() {
  return render(
    <MemoryRouter initialEntries={["/compare/g1"]}>
      <Routes>
        <Route path="/compare/:groupId" element={<Compare />} />
      </Routes>
    </MemoryRouter>,
  );
}

const side = (name: string) => {
  const item = screen.getByRole("heading", { name: new RegExp(`^${name}`) }).closest("li");
  if (!item) throw new Error(`no ${name}`);
  return within(item);
};
const videos = () => [...document.querySelectorAll("video")];

afterEach(() => {
  forgotten();
  vi.useRealTimers();
});

const serving = (...variants: Parameters<typeof group>[0]) =>
  new FakeServer().on("GET /api/groups/g1", () => ok(group(variants)));

describe("Compare", () => {
  it("plays all at once, with the sound of one", async () => {
    const play = vi.spyOn(HTMLMediaElement.prototype, "play");
    serving(member("a"), member("b"));
    shown();
    await userEvent.click(await screen.findByRole("button", { name: "Play all" }));
    expect(new Set(play.mock.contexts)).toEqual(new Set(videos()));
    expect(videos().map((video) => video.muted)).toEqual([false, true]);
    await userEvent.click(screen.getByRole("button", { name: "Sound of Variant b" }));
    expect(videos().map((video) => video.muted)).toEqual([true, false]);
    expect(screen.getByRole("button", { name: "Pause all" })).toBeInTheDocument();
  });

  it("mounts three videos at most; another can take a place", async () => {
    serving(member("a"), member("b"), member("c"), member("d"));
    shown();
    await screen.findByRole("heading", { name: "Variant d" });
    expect(videos().map((video) => video.getAttribute("aria-label"))).toEqual(["Variant a", "Variant b", "Variant c"]);
    await userEvent.click(side("Variant d").getByRole("button", { name: "Show this one" }));
    expect(videos()).toHaveLength(3);
    expect(videos().at(-1)).toHaveAttribute("aria-label", "Variant d");
  });

  it("lets go of the videos when one leaves", async () => {
    serving(member("a"));
    const { unmount } = shown();
    await screen.findByRole("heading", { name: "Variant a" });
    const [video] = videos();
    expect(video).toHaveAttribute("src");
    unmount();
    expect(video).not.toHaveAttribute("src");
  });

  it("says what sets each apart", async () => {
    serving(member("a"), member("b", { differs_in: [1], shares_clips: [2, 3] }), member("c", { differs_in: null }));
    shown();
    await screen.findByRole("heading", { name: "Variant a" });
    expect(side("Variant b").getByText(/^Scene 1 is written/)).toHaveTextContent(
      "Scene 1 is written differently. Scenes 2 and 3 use the first one's clips.",
    );
    expect(side("Variant c").getByText("Not written yet.")).toBeInTheDocument();
  });

  it("puts the scores beside each other with their difference from the first", async () => {
    serving(member("a", { overall_quality_score: 70 }), member("b", { overall_quality_score: 82.4 }));
    shown();
    const row = await screen.findByRole("row", { name: /^Variant b/ });
    expect(row).toHaveTextContent("82.4 Strong (+12.4)");
    expect(screen.getByRole("row", { name: /^Variant a/ })).toHaveTextContent("70.0 Fair");
  });

  it("chooses one and takes it back", async () => {
    const server = serving(member("a"), member("b"));
    server.on("POST /api/groups/g1/winner", ({ body }) => {
      const { generation_id: id } = body as { generation_id: string | null };
      return ok(group([member("a"), member("b", { winner: id === "b" })]));
    });
    shown();
    await screen.findByRole("heading", { name: "Variant b" });
    await userEvent.click(side("Variant b").getByRole("button", { name: "Use this one" }));
    expect(await side("Variant b").findByText("Chosen")).toBeInTheDocument();
    await userEvent.click(side("Variant b").getByRole("button", { name: "Take it back" }));
    await vi.waitFor(() => expect(screen.queryByText("Chosen")).not.toBeInTheDocument());
    expect(server.asked.at(-1)?.body).toEqual({ generation_id: null });
  });

  it("offers each finished film and each conversation", async () => {
    serving(member("a"), member("b", { status: "videos", final_video_url: null }));
    shown();
    await screen.findByRole("heading", { name: "Variant b" });
    expect(side("Variant a").getByRole("link", { name: "Download" })).toHaveAttribute(
      "href",
      "/api/generations/a/download?what=final",
    );
    expect(side("Variant b").queryByRole("link", { name: "Download" })).not.toBeInTheDocument();
    expect(side("Variant b").getByText("Rendering")).toBeInTheDocument();
    expect(side("Variant b").getByRole("link", { name: "Open Variant b" })).toHaveAttribute("href", "/s/session-b?g=b");
  });

  it("asks again every three seconds while one is unfinished, and a new signature restarts no film", async () => {
    vi.useFakeTimers();
    let asked = 0;
    new FakeServer().on("GET /api/groups/g1", () => {
      asked += 1;
      const film = `http://localhost/media/a.mp4?sig=${asked}`;
      const other = asked < 3 ? { status: "videos" as const, final_video_url: null } : {};
      return ok(group([member("a", { final_video_url: film }), member("b", other)]));
    });
    shown();
    await act(() => vi.advanceTimersByTimeAsync(10));
    await act(() => vi.advanceTimersByTimeAsync(6000));
    expect(videos().map((video) => video.getAttribute("src"))).toEqual([
      "http://localhost/media/a.mp4?sig=1",
      "http://localhost/media/b.mp4?sig=1",
    ]);
    await act(() => vi.advanceTimersByTimeAsync(9000));
    expect(asked).toBe(3);
  });

  it("gets a fresh address for a film that does not play", async () => {
    let asked = 0;
    new FakeServer().on("GET /api/groups/g1", () =>
      ok(group([member("a", { final_video_url: `http://localhost/media/a.mp4?sig=${++asked}` })])),
    );
    shown();
    await screen.findByRole("heading", { name: "Variant a" });
    const [video] = videos();
    if (video) fireEvent.error(video);
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    await vi.waitFor(() => expect(videos()[0]?.getAttribute("src")).toMatch(/sig=2$/));
  });

  it("says that there is no such group, or why it can't be had", async () => {
    new FakeServer().on("GET /api/groups/g1", () => refusal(404, "not_found", "There is no group g1."));
    const { unmount } = shown();
    expect(await screen.findByRole("alert")).toHaveTextContent(
      "This group of variants does not exist, or was deleted.",
    );
    unmount();
    new FakeServer().on("GET /api/groups/g1", unreachable);
    shown();
    expect(await screen.findByRole("alert")).toHaveTextContent(/can't be reached/);
  });
});
