/** The modal: named, closed by Esc, backdrop and button, unless it must be answered. */
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Dialog } from "@/components/ui/Dialog";

function shown(dismissible = true) {
  const onClose = vi.fn();
  render(
    <Dialog title="Settings" onClose={onClose} dismissible={dismissible} footer={<button>Save</button>}>
      <p>Body</p>
    </Dialog>,
  );
  return onClose;
}

const escape = () => {
  const cancel = new Event("cancel", { cancelable: true });
  screen.getByRole("dialog").dispatchEvent(cancel);
  return cancel;
};

describe("Dialog", () => {
  it("is open, named, and holds its content", () => {
    shown();
    expect(screen.getByRole("dialog", { name: "Settings" })).toHaveTextContent("Body");
    expect(screen.getByRole("button", { name: "Save" })).toBeInTheDocument();
  });

  it("closes by its button, by Esc and by a click beside it", async () => {
    const onClose = shown();
    await userEvent.click(screen.getByRole("button", { name: "Close" }));
    escape();
    await userEvent.click(screen.getByRole("dialog"));
    expect(onClose).toHaveBeenCalledTimes(3);
  });

  it("does not close by a click inside", async () => {
    const onClose = shown();
    await userEvent.click(screen.getByText("Body"));
    expect(onClose).not.toHaveBeenCalled();
  });

  it("stays until it is answered when it must be", async () => {
    const onClose = shown(false);
    expect(escape().defaultPrevented).toBe(true);
    await userEvent.click(screen.getByRole("dialog"));
    expect(screen.queryByRole("button", { name: "Close" })).not.toBeInTheDocument();
    expect(onClose).not.toHaveBeenCalled();
  });
});
