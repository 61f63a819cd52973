/** The gallery: filters in the address, pages, changes at once, and something sensible when there is nothing. */
import { act, fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter, useLocation } from "react-router";
import { queryOf } from "@/components/history/GalleryFilters";
import { Gallery } from "@/routes/Gallery";
import { useToasts } from "@/store/toastStore";
import { ad, forgotten, listing, pageOf } from "../fixtures/ads";
import { unreachable } from "../fixtures/server";

const Address = () => <output>{useLocation().search}</output>;

function shown(address = "/gallery") {
  render(
    <MemoryRouter initialEntries={[address]}>
      <Gallery />
      <Address />
    </MemoryRouter>,
  );
}

const names = () => screen.queryAllByRole("heading", { level: 2 }).map((heading) => heading.textContent);

afterEach(forgotten);

describe("Gallery", () => {
  it("asks for what the address says", async () => {
    const server = listing([ad("a")]);
    shown("/gallery?q=tea&state=rendering&score=60&favourites=yes");
    await screen.findByText("Ad a");
    expect(Object.fromEntries(server.asked[0]?.query ?? [])).toMatchObject({
      search: "tea",
      status: "videos",
      min_score: "60",
      favourites: "true",
    });
  });

  it("keeps a filter in the address and shows what it leaves", async () => {
    const server = listing([ad("a"), ad("b")]).on("GET /api/generations", ({ query }) =>
      pageOf(query.get("favourites") ? [ad("b", { favourite: true })] : [ad("a"), ad("b")]),
    );
    shown();
    await screen.findByText("Ad a");
    await userEvent.click(screen.getByRole("checkbox", { name: "Favourites" }));
    await vi.waitFor(() => expect(names()).toEqual(["Ad b"]));
    expect(screen.getByText("?favourites=yes")).toBeInTheDocument();
    expect(server.asked).toHaveLength(2);
  });

  it("searches when typing pauses", async () => {
    const server = listing([ad("a")]);
    shown();
    await screen.findByText("Ad a");
    await userEvent.type(screen.getByLabelText(/^Words in/), "tea");
    await vi.waitFor(() => expect(server.asked.at(-1)?.query.get("search")).toBe("tea"));
    expect(server.asked).toHaveLength(2);
  });

  it("adds the next page below", async () => {
    listing([]).on("GET /api/generations", ({ query }) =>
      query.get("cursor") === "c1" ? pageOf([ad("b")]) : pageOf([ad("a")], "c1"),
    );
    shown();
    await userEvent.click(await screen.findByRole("button", { name: "Load more" }));
    await vi.waitFor(() => expect(names()).toEqual(["Ad a", "Ad b"]));
    expect(screen.queryByRole("button", { name: "Load more" })).not.toBeInTheDocument();
  });

  it("keeps all pages when a star is set, and shows it at once", async () => {
    const server = listing([ad("a"), ad("b")]).on("GET /api/generations", ({ query }) =>
      query.get("cursor") === "c1" ? pageOf([ad("b")]) : pageOf([ad("a")], "c1"),
    );
    shown();
    await userEvent.click(await screen.findByRole("button", { name: "Load more" }));
    await screen.findByText("Ad b");
    await userEvent.click(screen.getByRole("button", { name: "Add to favourites: Ad b" }));
    expect(screen.getByRole("button", { name: "Remove from favourites: Ad b" })).toBeInTheDocument();
    expect(names()).toEqual(["Ad a", "Ad b"]);
    expect(server.times("GET /api/generations")).toBe(2);
  });

  it("deletes, and puts it back in its place by Undo", async () => {
    listing([ad("a"), ad("b"), ad("c")]);
    shown();
    await userEvent.click(await screen.findByRole("button", { name: "Delete Ad b" }));
    await vi.waitFor(() => expect(useToasts.getState().toasts).toHaveLength(1));
    expect(names()).toEqual(["Ad a", "Ad c"]);
    act(() => useToasts.getState().toasts[0]?.action?.run());
    await vi.waitFor(() => expect(names()).toEqual(["Ad a", "Ad b", "Ad c"]));
  });

  it("tells an empty gallery from filters that leave nothing", async () => {
    listing([]);
    shown("/gallery?q=zebra");
    await screen.findByText("Nothing matches these filters.");
    await userEvent.click(screen.getByRole("button", { name: "Show all ads" }));
    expect(await screen.findByText("Your ads will be here.")).toBeInTheDocument();
    expect(screen.getByRole("link", { name: "Make the first" })).toHaveAttribute("href", "/");
  });

  it("says what went wrong and tries again", async () => {
    const server = listing([]).on("GET /api/generations", unreachable);
    shown();
    expect(await screen.findByRole("alert")).toHaveTextContent(/can't be reached/);
    server.on("GET /api/generations", () => pageOf([ad("a")]));
    fireEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByText("Ad a")).toBeInTheDocument();
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });

  it("leads to the comparison of an ad that has variants", async () => {
    listing([ad("a", { group_id: "g1" })]);
    shown();
    const link = await screen.findByRole("link", { name: "Compare the variants of Ad a" });
    expect(link).toHaveAttribute("href", "/compare/g1");
  });
});

describe("queryOf", () => {
  const of = (text: string) => queryOf(new URLSearchParams(text));

  it("takes days as the viewer's, the last one whole", () => {
    expect(of("from=2026-11-20&to=2026-11-20")).toEqual({
      created_from: new Date(2026, 10, 20).toISOString(),
      created_to: new Date(new Date(2026, 10, 21).getTime() - 1).toISOString(),
    });
  });

  it("lets what is no legal value count for nothing", () => {
    expect(of("from=yesterday&score=lots&state=odd&q=%20&other=1")).toEqual({});
    expect(of("score=0")).toEqual({ min_score: 0 });
  });
});
