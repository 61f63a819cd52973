/** Search by keyboard: typing, arrows, Enter, also faster than the server. */
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter, useLocation } from "react-router";
import { SearchPalette } from "@/components/history/SearchPalette";
import { ad, forgotten, listing, pageOf } from "../fixtures/ads";
import { unreachable, type FakeServer } from "../fixtures/server";

const ADS = [ad("coffee"), ad("yoga"), ad("bottle")];
const Address = () => <output>{useLocation().pathname}</output>;

function shown(): { onClose: ReturnType<typeof vi.fn>; server: FakeServer } {
  const server = listing(ADS).on("GET /api/generations", ({ query }) =>
    pageOf(ADS.filter(({ id }) => id.includes(query.get("search") ?? ""))),
  );
  const onClose = vi.fn();
  render(
    <MemoryRouter initialEntries={["/elsewhere"]}>
      <SearchPalette onClose={onClose} />
      <Address />
    </MemoryRouter>,
  );
  return { onClose, server };
}

const options = () => screen.getAllByRole("option").map((option) => option.textContent);
const address = () => screen.getByText(/^\//).textContent;

afterEach(forgotten);

describe("SearchPalette", () => {
  it("has the focus in its field and offers the newest ads and the places", async () => {
    shown();
    expect(screen.getByRole("combobox")).toHaveFocus();
    await screen.findByText("Ad coffee");
    expect(options().slice(-2)).toEqual(["New ad", "Gallery"]);
  });

  it("opens what the arrows chose", async () => {
    const { onClose } = shown();
    await screen.findByText("Ad yoga");
    await userEvent.keyboard("{ArrowDown}{ArrowDown}{ArrowUp}{Enter}");
    expect(address()).toBe("/s/session-yoga");
    expect(onClose).toHaveBeenCalledOnce();
  });

  it("asks when typing pauses, not with every letter", async () => {
    const { server } = shown();
    await screen.findByText("Ad yoga");
    const before = server.asked.length;
    await userEvent.keyboard("bottle");
    await vi.waitFor(() => expect(screen.queryByText("Ad yoga")).not.toBeInTheDocument());
    expect(server.asked.length - before).toBe(1);
    expect(server.asked.at(-1)?.query.get("search")).toBe("bottle");
  });

  it("opens what was typed, not what was shown, when Enter comes before the answer", async () => {
    shown();
    await screen.findByText("Ad coffee");
    await userEvent.keyboard("yoga{Enter}");
    await vi.waitFor(() => expect(address()).toBe("/s/session-yoga"));
  });

  it("says that no ad matches", async () => {
    shown();
    await userEvent.keyboard("zebra");
    expect(await screen.findByText("No ad matches.")).toBeInTheDocument();
  });

  it("says why it can't search, and still goes places", async () => {
    const { server } = shown();
    server.on("GET /api/generations", unreachable);
    await userEvent.keyboard("gal");
    expect(await screen.findByText(/can't be reached/)).toBeInTheDocument();
    await userEvent.click(screen.getByRole("option", { name: "Gallery" }));
    expect(address()).toBe("/gallery");
  });
});
