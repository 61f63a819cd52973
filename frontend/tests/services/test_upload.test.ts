/** Brand images on their way to the server: what is refused and why, progress, stopping, and the server's own reasons. */
import { attachFiles, detach } from "@/services/upload";
import { useComposer } from "@/store/composerStore";
import { useStudio } from "@/store/studioStore";

const MB = 1024 * 1024;

/** The browser's request, driven by the test. */
class FakeRequest {
  static all: FakeRequest[] = [];
  upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {};
  onload?: () => void;
  onerror?: () => void;
  status = 0;
  responseText = "";
  aborted = false;
  sent: FormData | null = null;
  address = "";
  retryAfter: string | null = null;
  constructor() {
    FakeRequest.all.push(this);
  }
  open(method: string, address: string) {
    this.address = `${method} ${address}`;
  }
  send(body: FormData) {
    this.sent = body;
  }
  abort() {
    this.aborted = true;
  }
  getResponseHeader(name: string) {
    return name === "Retry-After" ? this.retryAfter : null;
  }
  answer(status: number, body: unknown) {
    this.status = status;
    this.responseText = typeof body === "string" ? body : JSON.stringify(body);
    this.onload?.();
  }
}

function file(name: string, bytes = 1000, type = "image/png"): File {
  const made = new File(["x"], name, { type });
  Object.defineProperty(made, "size", { value: bytes });
  return made;
}

const attachments = () => useComposer.getState().attachments;
const reasons = () => attachments().map((each) => `${each.name} ${each.reason}`);
const request = (index = 0) => {
  const found = FakeRequest.all[index];
  if (!found) throw new Error("nothing was sent");
  return found;
};

beforeEach(() => {
  FakeRequest.all = [];
  useComposer.getState().clear();
  useStudio.setState({ view: null });
  vi.stubGlobal("XMLHttpRequest", FakeRequest);
  URL.createObjectURL = vi.fn(() => "blob:picture");
  URL.revokeObjectURL = vi.fn();
});

afterEach(() => vi.unstubAllGlobals());

describe("what is refused before it is sent", () => {
  it("FR111 names the file and the reason: wrong type, empty, too large", () => {
    attachFiles([file("logo.tiff", 10, "image/tiff"), file("nothing.png", 0), file("big.jpg", 11 * MB, "image/jpeg")]);
    expect(reasons()).toEqual([
      "logo.tiff is not a JPEG, PNG or WebP picture.",
      "nothing.png is empty.",
      "big.jpg is 11 MB; 10 MB is the most for one picture.",
    ]);
    expect(FakeRequest.all).toHaveLength(0);
  });

  it("takes exactly 10 MB and refuses one byte more, without saying 10 of 10", () => {
    attachFiles([file("edge.png", 10 * MB), file("over.png", 10 * MB + 1)]);
    expect(attachments().map((each) => each.state)).toEqual(["uploading", "refused"]);
    expect(reasons()[1]).toContain("is 10.1 MB");
  });

  it("refuses the image that passes 50 MB together; a removed one makes room", () => {
    attachFiles(["a", "b", "c", "d", "e"].map((name) => file(`${name}.png`, 10 * MB)));
    attachFiles([file("f.png", 1 * MB)]);
    expect(reasons()[5]).toContain("f.png would make it more than 50 MB in all");
    detach(attachments()[0]?.key ?? "");
    attachFiles([file("g.png", 1 * MB)]);
    expect(attachments().at(-1)).toMatchObject({ name: "g.png", state: "uploading" });
  });

  it("refuses an eleventh image", () => {
    attachFiles(Array.from({ length: 11 }, (_, index) => file(`${index}.png`)));
    expect(attachments().filter((each) => each.state === "refused")).toHaveLength(1);
    expect(reasons()[10]).toBe("10.png is one too many; an ad takes 10 images.");
  });

  it("goes by the name where the system gives no type", () => {
    attachFiles([file("photo.webp", 10, ""), file("notes.txt", 10, "")]);
    expect(attachments().map((each) => each.state)).toEqual(["uploading", "refused"]);
  });

  it("goes by the server's limits once they are known", () => {
    const limits = { file_bytes: MB, total_bytes: 50 * MB, images: 1 };
    useStudio.setState({ view: { limits } as never });
    attachFiles([file("a.png", 2 * MB), file("b.png"), file("c.png")]);
    expect(reasons()[0]).toContain("1 MB is the most");
    expect(reasons()[2]).toContain("an ad takes 1 images");
  });
});

describe("an upload", () => {
  it("sends one image with the role its name suggests, shows progress, and keeps the stored image", () => {
    attachFiles([file("Verde-LOGO.png"), file("market-brand-shoe.png")]);
    expect(attachments().map((each) => each.role)).toEqual(["logo", "product"]);
    expect(request().address).toBe("POST /api/assets/upload");
    expect(request().sent?.get("kind")).toBe("logo");
    expect((request().sent?.get("files") as File).name).toBe("Verde-LOGO.png");
    request().upload.onprogress?.({ loaded: 250, total: 1000 });
    expect(attachments()[0]).toMatchObject({ progress: 0.25, state: "uploading" });
    request().answer(201, { data: [{ id: "i1" }], status: "success" });
    expect(attachments()[0]).toMatchObject({ progress: 1, state: "ready", asset: { id: "i1" } });
  });

  it("stops when it is removed, and frees its preview", () => {
    attachFiles([file("a.png")]);
    detach(attachments()[0]?.key ?? "");
    expect(request().aborted).toBe(true);
    expect(attachments()).toEqual([]);
    expect(URL.revokeObjectURL).toHaveBeenCalledWith("blob:picture");
    request().answer(201, { data: [{ id: "late" }] });
    expect(attachments()).toEqual([]);
  });

  it.each([
    [
      400,
      { error: { code: "invalid_input", message: "a.png is blank.", hint: "Use a photo." } },
      "a.png is blank. Use a photo.",
    ],
    [
      413,
      { error: { code: "too_large", message: "An image is over 10 MB.", hint: "Save a smaller copy." } },
      "An image is over 10 MB.",
    ],
    [
      429,
      { error: { code: "rate_limited", message: "Too many uploads.", hint: "Wait a minute." } },
      "Too many uploads. Wait a minute.",
    ],
    [502, "<html>bad gateway</html>", "The server had a problem."],
    [201, "not json", "can't be read"],
  ])("shows the server's reason for %i", (status, body, words) => {
    attachFiles([file("a.png")]);
    request().answer(status, body);
    expect(attachments()[0]).toMatchObject({ state: "refused", preview: "" });
    expect(attachments()[0]?.reason).toContain(words);
    expect(URL.revokeObjectURL).toHaveBeenCalledWith("blob:picture");
  });

  it("says so when the server can't be reached", () => {
    attachFiles([file("a.png")]);
    request().onerror?.();
    expect(attachments()[0]?.reason).toContain("can't be reached");
  });
});
