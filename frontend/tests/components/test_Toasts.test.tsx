/** Messages: how long they stay, what holds them, what their button does. */
import { act, fireEvent, render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { Toasts } from "@/components/ui/Toasts";
import { useToasts, type Toast } from "@/store/toastStore";

const show = (toast: Omit<Toast, "id">): void => act(() => void useToasts.getState().show(toast));
const wait = (ms: number): void => act(() => void vi.advanceTimersByTime(ms));

beforeEach(() => {
  vi.useFakeTimers();
  render(
    <MemoryRouter>
      <Toasts />
    </MemoryRouter>,
  );
});

afterEach(() => {
  useToasts.setState({ toasts: [] });
  vi.useRealTimers();
});

describe("Toasts", () => {
  it("says the same thing once, for its whole time", () => {
    show({ text: "Not saved.", tone: "error" });
    wait(6000);
    show({ text: "Not saved.", tone: "error" });
    expect(screen.getAllByText("Not saved.")).toHaveLength(1);
    wait(6000);
    expect(screen.getByText("Not saved.")).toBeInTheDocument();
  });

  it("leaves after six seconds, an error after ten", () => {
    show({ text: "Saved.", tone: "info" });
    show({ text: "Not saved.", tone: "error" });
    wait(6000);
    expect(screen.queryByText("Saved.")).not.toBeInTheDocument();
    wait(3999);
    expect(screen.getByText("Not saved.")).toBeInTheDocument();
    wait(1);
    expect(screen.queryByText("Not saved.")).not.toBeInTheDocument();
  });

  it("stays while the pointer or the focus is on it", () => {
    show({ text: "Deleted.", tone: "info", action: { label: "Undo", run: () => undefined } });
    const item = screen.getByRole("listitem");
    fireEvent.mouseEnter(item);
    wait(20_000);
    fireEvent.mouseLeave(item);
    act(() => screen.getByRole("button", { name: "Undo" }).focus());
    wait(20_000);
    expect(item).toBeInTheDocument();
    act(() => screen.getByRole("button", { name: "Undo" }).blur());
    wait(6000);
    expect(item).not.toBeInTheDocument();
  });

  it("does what its button says, once, and leaves", () => {
    const run = vi.fn();
    show({ text: "Deleted.", tone: "info", action: { label: "Undo", run } });
    fireEvent.click(screen.getByRole("button", { name: "Undo" }));
    expect(run).toHaveBeenCalledOnce();
    expect(screen.queryByText("Deleted.")).not.toBeInTheDocument();
  });

  it("can be sent away", () => {
    show({ text: "Saved.", tone: "info" });
    fireEvent.click(screen.getByRole("button", { name: "Dismiss" }));
    expect(screen.queryByText("Saved.")).not.toBeInTheDocument();
  });
});
