/** The tab's title tells from afar what is going on. */
import { pageTitle } from "@/services/usePageTitle";
import { emptyGeneration, type Generation } from "@/store/model";

const base: Generation = { ...emptyGeneration("g", "2026-01-01T00:00:00Z"), prompt: "An ad for a cup", title: null };

describe("pageTitle", () => {
  it("is the prompt until there is a title", () => {
    expect(pageTitle(base)).toBe("An ad for a cup · AdMint");
    expect(pageTitle({ ...base, title: "Cups" })).toBe("Cups · AdMint");
  });

  it("asks for attention at a gate", () => {
    expect(pageTitle({ ...base, substage: "awaiting_approval" })).toBe("● Your OK? An ad for a cup · AdMint");
  });

  it("counts clips, then says that the ad is ready", () => {
    const clips = { 1: { status: "complete" }, 2: { status: "queued" } } as unknown as Generation["clips"];
    const scenes = [{ id: 1 }, { id: 2 }] as Generation["scenes"];
    const rendering: Generation = { ...base, status: "videos", clips, clipIds: [1, 2], scenes };
    expect(pageTitle(rendering)).toBe("(1/2) An ad for a cup · AdMint");
    expect(pageTitle({ ...rendering, status: "completed" })).toBe("✓ An ad for a cup · AdMint");
  });
});
