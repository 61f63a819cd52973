/** The library: find, choose several, rename and tag, delete after a second word, pages, and what goes wrong. */
import { cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { Asset } from "@/api/types";
import { LibraryPicker } from "@/components/library/LibraryPicker";
import { useComposer } from "@/store/composerStore";

function asset(id: string, part: Partial<Asset> = {}): Asset {
  return {
    id,
    name: `${id}.png`,
    kind: "product",
    tags: [],
    url: `/media/${id}.png`,
    media_type: "image/png",
    width: 800,
    height: 600,
    size_bytes: 1000,
    use_count: 0,
    created_at: "2026-01-01T00:00:00Z",
    ...part,
  };
}

interface Asked {
  method: string;
  url: URL;
  body: unknown;
}

let asked: Asked[] = [];
let answer: (request: Asked) => [number, unknown];
const onClose = vi.fn();

const listed = (data: Asset[], next: string | null = null): [number, unknown] => [
  200,
  { data, status: "success", pagination: { next_cursor: next, has_more: next !== null, limit: 20 } },
];
const choose = (id: string) => screen.findByRole("button", { name: `Choose ${id}.png` });

beforeEach(() => {
  asked = [];
  onClose.mockReset();
  useComposer.getState().clear();
  answer = () => listed([asset("a", { use_count: 3, tags: ["summer"] }), asset("b", { kind: "logo", use_count: 1 })]);
  vi.stubGlobal("fetch", async (request: Request) => {
    const text = await request.text();
    const note = {
      method: request.method,
      url: new URL(request.url),
      body: text ? (JSON.parse(text) as unknown) : null,
    };
    asked.push(note);
    const [status, body] = answer(note);
    return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
  });
  render(<LibraryPicker onClose={onClose} />);
});

afterEach(() => vi.unstubAllGlobals());

describe("LibraryPicker", () => {
  it("FR113 FR115 shows images with tags and how often they were used", async () => {
    await choose("a");
    expect(screen.getByText(/Used in 3 ads/)).toBeInTheDocument();
    expect(screen.getByText(/Used in 1 ad ·/)).toBeInTheDocument();
    expect(screen.getByText("#summer")).toBeInTheDocument();
  });

  it("FR114 takes several chosen images into the ad under their kind, each once", async () => {
    await userEvent.click(await choose("a"));
    await userEvent.click(await choose("b"));
    await userEvent.click(screen.getByRole("button", { name: "Use 2 images" }));
    const taken = useComposer.getState().attachments;
    expect(taken.map((each) => [each.name, each.role, each.state])).toEqual([
      ["a.png", "product", "ready"],
      ["b.png", "logo", "ready"],
    ]);
    expect(onClose).toHaveBeenCalledTimes(1);
    await userEvent.click(screen.getByRole("button", { name: "Use 2 images" }));
    expect(useComposer.getState().attachments).toHaveLength(2);
  });

  it("lets go of an image that is chosen twice", async () => {
    await userEvent.click(await choose("a"));
    expect(await choose("a")).toHaveAttribute("aria-pressed", "true");
    await userEvent.click(await choose("a"));
    expect(screen.getByRole("button", { name: "Choose images" })).toBeDisabled();
  });

  it("FR113 asks the server by name, tag and kind", async () => {
    await choose("a");
    answer = () => listed([]);
    await userEvent.type(screen.getByLabelText("Search by name"), "bottle");
    await userEvent.type(screen.getByLabelText("Tag"), "summer");
    await userEvent.selectOptions(screen.getByLabelText("Kind"), "Logos");
    expect(await screen.findByText("Nothing matches.")).toBeInTheDocument();
    await waitFor(() => {
      const query = Object.fromEntries(asked.at(-1)?.url.searchParams ?? []);
      expect(query).toMatchObject({ search: "bottle", tag: "summer", kind: "logo" });
    });
  });

  it("shows the next page when it is asked for", async () => {
    await choose("a");
    answer = ({ url }) => (url.searchParams.get("cursor") ? listed([asset("z")]) : listed([asset("y")], "c2"));
    await userEvent.type(screen.getByLabelText("Search by name"), "p");
    await choose("y");
    await userEvent.click(screen.getByRole("button", { name: "Load more" }));
    expect(await choose("z")).toBeInTheDocument();
    expect(await choose("y")).toBeInTheDocument();
    expect(screen.queryByRole("button", { name: "Load more" })).not.toBeInTheDocument();
  });

  it("FR112 renames and tags", async () => {
    await choose("a");
    await userEvent.click(screen.getByRole("button", { name: "Rename or tag a.png" }));
    await userEvent.clear(screen.getByLabelText("Name"));
    await userEvent.type(screen.getByLabelText("Name"), "Bottle");
    await userEvent.type(screen.getByLabelText("Tags, with commas"), ", green");
    answer = () => [200, { data: asset("a", { name: "Bottle", tags: ["summer", "green"] }), status: "success" }];
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("#summer #green")).toBeInTheDocument();
    expect(asked.at(-1)).toMatchObject({ method: "PATCH", body: { name: "Bottle", tags: ["summer", "green"] } });
  });

  it("deletes after a second word, out of the list, the choice and the ad", async () => {
    await userEvent.click(await choose("a"));
    await userEvent.click(screen.getByRole("button", { name: "Use 1 image" }));
    await userEvent.click(screen.getByRole("button", { name: "Delete a.png" }));
    expect(asked.every((each) => each.method === "GET")).toBe(true);
    answer = () => [200, { data: null, status: "success", message: "Deleted." }];
    await userEvent.click(screen.getByRole("button", { name: "Delete for good" }));
    await waitFor(() => expect(screen.queryByText("a.png")).not.toBeInTheDocument());
    expect(asked.at(-1)).toMatchObject({ method: "DELETE" });
    expect(useComposer.getState().attachments).toEqual([]);
    expect(screen.getByRole("button", { name: "Choose images" })).toBeDisabled();
  });

  it("keeps an image that could not be deleted, and says why", async () => {
    await choose("a");
    await userEvent.click(screen.getByRole("button", { name: "Delete a.png" }));
    answer = () => [503, { error: { code: "storage_error", message: "The database is busy.", hint: "Try again." } }];
    await userEvent.click(screen.getByRole("button", { name: "Delete for good" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("The database is busy. Try again.");
    expect(within(screen.getByRole("dialog")).getByText("a.png")).toBeInTheDocument();
  });

  it("says what an empty library is for", async () => {
    cleanup();
    answer = () => listed([]);
    render(<LibraryPicker onClose={onClose} />);
    expect(await screen.findByText(/No images yet/)).toBeInTheDocument();
  });

  it("says when it can't be read", async () => {
    await choose("a");
    answer = () => [502, "bad"];
    await userEvent.type(screen.getByLabelText("Search by name"), "y");
    expect(await screen.findByRole("alert")).toHaveTextContent("The server had a problem.");
  });
});
