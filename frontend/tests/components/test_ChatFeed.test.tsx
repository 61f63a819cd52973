/** The feed: oldest first, at the end while the reader is there, and never pulled from under who has scrolled up. */
import { act, fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { ChatFeed } from "@/components/chat/ChatFeed";
import type { FeedItem, Generation } from "@/store/model";
import { AT, adAt } from "../fixtures/generation";

let grow: () => void = () => undefined;
const size = { scrollHeight: 1000, clientHeight: 400 };

beforeEach(() => {
  size.scrollHeight = 1000;
  vi.stubGlobal(
    "ResizeObserver",
    class {
      constructor(changed: () => void) {
        grow = () => act(changed);
      }
      observe() {}
      disconnect() {}
    },
  );
  for (const name of ["scrollHeight", "clientHeight"] as const) {
    vi.spyOn(HTMLElement.prototype, name, "get").mockImplementation(() => size[name]);
  }
});

afterEach(() => vi.unstubAllGlobals());

const region = () => screen.getByRole("region", { name: "Conversation" });

function shown(
  generation: Generation = adAt(AT.story),
  renderItem: (item: FeedItem) => ReactNode = (item) => <p>{item.kind}</p>,
) {
  const ui = (ad: Generation) => <ChatFeed generation={ad} renderItem={renderItem} footer={<p>working</p>} />;
  const { rerender } = render(ui(generation));
  return (next: Generation) => rerender(ui(next));
}

function saying(change: Partial<Extract<FeedItem, { kind: "said" }>>): Generation {
  const ad = adAt(AT.story);
  const word = {
    kind: "said",
    key: "m",
    text: "",
    stage: "scenes",
    action: null,
    sceneId: null,
    sending: true,
  } as const;
  return { ...ad, feed: [...ad.feed, { ...word, ...change }] };
}

function scrollTo(top: number) {
  region().scrollTop = top;
  fireEvent.scroll(region());
}

describe("ChatFeed", () => {
  it("AC-5.1 lists the conversation in order, with what is being made outside the log", () => {
    shown(adAt(AT.scenes));
    const log = screen.getByRole("log");
    expect([...log.querySelectorAll("p")].map((each) => each.textContent)).toEqual([
      "prompt",
      "story",
      "said",
      "story",
      "said",
      "references",
      "scenes",
    ]);
    expect(log).not.toHaveTextContent("working");
  });

  it("AC-5.1 follows the newest item while the reader is at the end", () => {
    shown();
    expect(region().scrollTop).toBe(1000);
    size.scrollHeight = 1600;
    grow();
    expect(region().scrollTop).toBe(1600);
  });

  it("stays at the end when a card grows by a lot at once", () => {
    shown();
    size.scrollHeight = 3000;
    fireEvent.scroll(region());
    grow();
    expect(region().scrollTop).toBe(3000);
  });

  it("stays at the end when what is above shrinks and something else grows", () => {
    shown();
    scrollTo(600);
    size.scrollHeight = 1400;
    scrollTo(500);
    grow();
    expect(region().scrollTop).toBe(1400);
  });

  it("does not pull away who has scrolled up, and offers the way down", async () => {
    shown();
    scrollTo(600);
    scrollTo(100);
    size.scrollHeight = 1600;
    grow();
    expect(region().scrollTop).toBe(100);
    await userEvent.click(screen.getByRole("button", { name: "To the latest" }));
    expect(region().scrollTop).toBe(1600);
  });

  it("says that there is something new, and shows it", async () => {
    const next = shown();
    scrollTo(600);
    scrollTo(100);
    next(adAt(AT.secondDraft));
    grow();
    expect(region().scrollTop).toBe(100);
    await userEvent.click(screen.getByRole("button", { name: "New messages" }));
    expect(region().scrollTop).toBe(1000);
    expect(region()).toHaveFocus();
    fireEvent.scroll(region());
    expect(screen.queryByRole("button", { name: /New messages|To the latest/ })).not.toBeInTheDocument();
  });

  it("goes to the end for who says something, not for a word from elsewhere", () => {
    const next = shown();
    scrollTo(600);
    scrollTo(100);
    next(saying({ sending: false }));
    expect(region().scrollTop).toBe(100);
    next(saying({ key: "mine", sending: true }));
    expect(region().scrollTop).toBe(1000);
  });

  it.each([{ action: "edit" as const, sceneId: 2 }, { action: "reorder" as const }])(
    "stays with the scene that was changed: %o",
    (change) => {
      const next = shown();
      scrollTo(600);
      scrollTo(100);
      next(saying({ sending: true, ...change }));
      expect(region().scrollTop).toBe(100);
    },
  );

  it("does not move what the reader writes in or has just opened", async () => {
    shown(adAt(AT.story), () => <textarea aria-label="Headline" />);
    await userEvent.click(screen.getAllByLabelText("Headline")[0] ?? document.body);
    size.scrollHeight = 1600;
    region().scrollTop = 600;
    grow();
    expect(region().scrollTop).toBe(600);
    expect(screen.getByRole("button", { name: "To the latest" })).toBeInTheDocument();
  });

  it("lays out old items only where they are seen", () => {
    shown(adAt(AT.complete));
    const items = [...screen.getByRole("log").children].map((each) => each.className.includes("content-visibility"));
    expect(items.length).toBeGreaterThan(7);
    expect(items.at(0)).toBe(true);
    expect(items.slice(-6)).toEqual(Array(6).fill(false));
  });
});
