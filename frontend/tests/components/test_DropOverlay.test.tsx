/** Dropping images anywhere on the page; anything else that is dragged is left alone. */
import { act, fireEvent, render, screen } from "@testing-library/react";
import { DropOverlay } from "@/components/composer/DropOverlay";
import { useComposer } from "@/store/composerStore";

const tiff = new File(["x"], "logo.tiff", { type: "image/tiff" });
const files = { dataTransfer: { types: ["Files"], files: [tiff] } };
const words = { dataTransfer: { types: ["text/plain"], files: [] } };
const hint = () => screen.queryByText("Drop brand images");

beforeEach(() => {
  useComposer.getState().clear();
  render(<DropOverlay />);
});

describe("DropOverlay", () => {
  it("covers the page while files hover, over nested elements too, and goes when they leave", () => {
    fireEvent.dragEnter(document.body, files);
    fireEvent.dragEnter(document.documentElement, files);
    fireEvent.dragLeave(document.body, files);
    expect(hint()).toBeInTheDocument();
    fireEvent.dragLeave(document.documentElement, files);
    expect(hint()).not.toBeInTheDocument();
  });

  it("takes dropped files and keeps the browser from opening them", () => {
    fireEvent.dragEnter(document.body, files);
    expect(fireEvent.dragOver(document.body, files)).toBe(false);
    let opened = true;
    act(() => {
      opened = fireEvent.drop(document.body, files);
    });
    expect(opened).toBe(false);
    expect(hint()).not.toBeInTheDocument();
    expect(useComposer.getState().attachments.map((each) => each.name)).toEqual(["logo.tiff"]);
  });

  it("leaves dragged text to the text field", () => {
    fireEvent.dragEnter(document.body, words);
    expect(hint()).not.toBeInTheDocument();
    expect(fireEvent.drop(document.body, words)).toBe(true);
  });
});
