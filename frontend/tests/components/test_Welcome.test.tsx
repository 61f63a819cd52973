/** The first screen: what it asks, examples that fill the field, and the sample ad. */
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Welcome } from "@/components/composer/Welcome";
import { useComposer } from "@/store/composerStore";
import { useStudio } from "@/store/studioStore";

const onSend = vi.fn(() => Promise.resolve(true));
const box = () => screen.getByRole("textbox", { name: "Your brief" });

beforeEach(() => {
  useComposer.getState().clear();
  useStudio.setState({ view: null });
  render(<Welcome onSend={onSend} problem={null} busy={false} />);
});

describe("Welcome", () => {
  it("asks one question and waits in its field", () => {
    expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("What are we advertising?");
    expect(screen.getByText("Local studio · no keys, no cost")).toBeInTheDocument();
    expect(box()).toHaveFocus();
  });

  it("puts an example into the field, to be changed and sent", async () => {
    const example = screen.getAllByRole("button", { name: /ad for/ })[1];
    await userEvent.click(example as HTMLElement);
    expect(box()).toHaveValue(example?.textContent);
    expect(box()).toHaveFocus();
    await userEvent.keyboard("!{Enter}");
    expect(onSend).toHaveBeenLastCalledWith(`${example?.textContent}!`);
  });

  it("has no video on the page until the sample is asked for, and none after it is closed", async () => {
    expect(document.querySelector("video")).toBeNull();
    await userEvent.click(screen.getByRole("button", { name: "Play a sample ad" }));
    const dialog = await screen.findByRole("dialog", { name: "A sample ad" });
    expect(dialog.querySelector("video")).toHaveAttribute("src", "/sample.mp4");
    await userEvent.click(screen.getByRole("button", { name: "Close" }));
    expect(document.querySelector("video")).toBeNull();
  });
});
