/** The reference images: three tiles, what was seen in them, the exact caption. */
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { ReferenceImages, ReferencesPending } from "@/components/pipeline/ReferenceImages";
import { AT, adAt } from "../fixtures/generation";

const { references } = adAt(AT.scenes);

describe("ReferenceImages", () => {
  it("AC-5.2 shows three images with their description and the caption", () => {
    render(<ReferenceImages images={references} />);
    expect(screen.getAllByRole("listitem")).toHaveLength(3);
    for (const { alt } of references) expect(screen.getByAltText(alt)).toBeInTheDocument();
    expect(screen.getByText("Using these for visual consistency")).toBeInTheDocument();
  });

  it("names the colours that it shows", () => {
    render(<ReferenceImages images={references} />);
    expect(screen.getByRole("img", { name: `Colour ${references[0]?.analysis.colors[0]}` })).toBeInTheDocument();
  });

  it("tells the user's own image from a made one, and says nothing of what is unknown", () => {
    const [first] = references;
    if (!first) throw new Error("the fixture has no reference");
    const blank = { ...first.analysis, product_features: null, label: null };
    render(<ReferenceImages images={[{ ...first, source: "uploaded", analysis: blank }]} />);
    expect(screen.getByText("Yours")).toBeInTheDocument();
    expect(screen.getByText("Your image, as it is")).toBeInTheDocument();
    expect(screen.queryByText(/not specified|unknown/i)).not.toBeInTheDocument();
  });

  it("enlarges one", async () => {
    render(<ReferenceImages images={references} />);
    await userEvent.click(screen.getByAltText(references[0]?.alt ?? ""));
    const dialog = await screen.findByRole("dialog", { name: /reference/ });
    expect(within(dialog).getByRole("img")).toHaveAttribute("src", references[0]?.url);
  });

  it("keeps three places while they are chosen", () => {
    const { container } = render(<ReferencesPending />);
    expect(container.querySelectorAll(".animate-breathe")).toHaveLength(3);
  });
});
