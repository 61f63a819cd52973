/** The list of ads: what is changed shows at once, is taken back when refused, and never costs an ad its title. */
import { nameOf, useHistory, withChanges } from "@/store/historyStore";
import { useToasts } from "@/store/toastStore";
import { ad, forgotten, listing, pageOf } from "../fixtures/ads";
import { ok, refusal, unreachable } from "../fixtures/server";
import { generation } from "../fixtures/session";

const store = () => useHistory.getState();
const shown = () => withChanges(store().rows, store());
const messages = () => useToasts.getState().toasts;

afterEach(forgotten);

describe("editing", () => {
  it("sends only what changes: a star does not touch the title", async () => {
    const server = listing([ad("a")]);
    await store().load();
    await store().edit(ad("a"), { favourite: true });
    expect(server.asked.at(-1)?.body).toEqual({ favourite: true, version: 3 });
    expect(shown()[0]).toMatchObject({ title: "Ad a", favourite: true, version: 4 });
  });

  it("shows the new name before the server has answered", async () => {
    let answer: (response: Response) => void = () => undefined;
    const server = listing([ad("a")]).on("PATCH /", () => new Promise((resolve) => (answer = resolve)));
    await store().load();
    const saved = store().edit(ad("a"), { title: "Morning" });
    await vi.waitFor(() => expect(server.times("PATCH /")).toBe(1));
    expect(shown()[0]?.title).toBe("Morning");
    answer(ok(ad("a", { title: "Morning", version: 4 })));
    await saved;
    expect(shown()[0]).toMatchObject({ title: "Morning", version: 4 });
  });

  it("takes the change back and says why when the server refuses", async () => {
    listing([ad("a")]).on("PATCH /", () => refusal(400, "invalid", "A name has at most 200 letters."));
    await store().load();
    await store().edit(ad("a"), { title: "Morning" });
    expect(shown()[0]?.title).toBe("Ad a");
    expect(messages()[0]).toMatchObject({ tone: "error", text: "A name has at most 200 letters." });
  });

  it("renames an ad whose run has raised the version meanwhile", async () => {
    const server = listing([ad("a")]).on("PATCH /", ({ body }) =>
      (body as { version: number }).version === 9
        ? ok(ad("a", { title: "Morning", version: 10 }))
        : refusal(409, "conflict", "Someone else changed this meanwhile."),
    );
    server.on("GET /api/generations/a", () => ok({ ...generation, id: "a", title: "Ad a", version: 9 }));
    await store().edit(ad("a"), { title: "Morning" });
    expect(store().edits.a).toMatchObject({ title: "Morning", version: 10 });
    expect(messages()).toEqual([]);
  });

  it("does not overwrite a name that somebody else gave meanwhile", async () => {
    const server = listing([ad("a")]).on("PATCH /", () => refusal(409, "conflict", "Someone else changed this."));
    server.on("GET /api/generations/a", () => ok({ ...generation, id: "a", title: "Theirs", version: 9 }));
    await store().edit(ad("a"), { title: "Mine" });
    expect(server.times("PATCH /")).toBe(1);
    expect(messages()[0]?.text).toBe("Someone else changed this.");
  });
});

describe("deleting", () => {
  it("hides the ad at once, and a list that comes in between does not bring it back", async () => {
    listing([ad("a"), ad("b")]);
    await store().load();
    const gone = store().remove(ad("a"));
    expect(shown().map(({ id }) => id)).toEqual(["b"]);
    await store().load();
    expect(await gone).toBe(true);
    expect(shown().map(({ id }) => id)).toEqual(["b"]);
  });

  it("comes back by Undo", async () => {
    const server = listing([ad("a"), ad("b")]);
    await store().load();
    await store().remove(ad("a"));
    expect(messages()[0]).toMatchObject({ text: "“Ad a” was deleted.", action: { label: "Undo" } });
    messages()[0]?.action?.run();
    await vi.waitFor(() => expect(shown()).toHaveLength(2));
    expect(server.times("POST /api/generations/a/restore")).toBe(1);
  });

  it("shows the ad again when it could not be deleted", async () => {
    listing([ad("a")]).on("DELETE /", unreachable);
    await store().load();
    expect(await store().remove(ad("a"))).toBe(false);
    expect(shown()).toHaveLength(1);
    expect(messages()[0]?.tone).toBe("error");
  });

  it("counts an ad that is gone already as deleted", async () => {
    listing([ad("a")]).on("DELETE /", () => refusal(404, "not_found", "There is no such ad."));
    expect(await store().remove(ad("a"))).toBe(true);
  });
});

describe("pages", () => {
  it("adds older ads, and keeps them when the newest are loaded again", async () => {
    const old = ad("old", { created_at: "2026-10-01T10:00:00Z" });
    listing([]).on("GET /api/generations", ({ query }) =>
      query.get("cursor") === "c1" ? pageOf([old]) : pageOf([ad("new")], "c1"),
    );
    await store().load();
    await store().more();
    await store().load();
    expect(shown().map(({ id }) => id)).toEqual(["new", "old"]);
    expect(store().next).toBeNull();
  });

  it("keeps the rows and tells the problem when the server is away", async () => {
    const server = listing([ad("a")]);
    await store().load();
    server.on("GET /api/generations", unreachable);
    await store().load();
    expect(shown()).toHaveLength(1);
    expect(store().problem).toMatch(/can't be reached/);
  });
});

it("names an ad by its title, else its brief, with its variant", () => {
  expect(nameOf(ad("a", { title: null }))).toBe("An ad for a");
  expect(nameOf(ad("a", { variant: "Bold" }))).toBe("Ad a · Bold");
});
