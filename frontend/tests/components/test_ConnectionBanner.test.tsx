import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { ConnectionBanner } from "@/components/connection/ConnectionBanner";
import { retryConnection } from "@/services/session";
import type { Connection } from "@/store/model";
import { usePipeline } from "@/store/pipelineStore";

vi.mock("@/services/session", () => ({ retryConnection: vi.fn() }));

function shown(change: Partial<Connection>, waiting = 0) {
  act(() => usePipeline.getState().connected({ state: "idle", attempt: 0, reason: "", ...change }, waiting));
  return render(<ConnectionBanner />);
}

afterEach(() => act(() => usePipeline.getState().reset()));

it.each(["idle", "connecting", "connected"] as const)("says nothing while the line is %s", (state) => {
  expect(shown({ state }).container).toBeEmptyDOMElement();
});

it("AC-5.7 says Reconnecting... in yellow, black on it", () => {
  const { container } = shown({ state: "reconnecting" });
  expect(screen.getByText("Reconnecting...")).toBeVisible();
  expect(container.firstChild).toHaveClass("bg-fair", "text-black");
});

it("counts the attempts from the second on", () => {
  const first = shown({ state: "reconnecting", attempt: 1 });
  expect(screen.queryByText(/Attempt/)).toBeNull();
  first.unmount();
  shown({ state: "reconnecting", attempt: 3 });
  expect(screen.getByText("Attempt 3 of 5")).toBeVisible();
});

it.each([
  [1, "1 message waits to be sent"],
  [2, "2 messages wait to be sent"],
])("says that %i words are kept", (waiting, text) => {
  shown({ state: "reconnecting" }, waiting);
  expect(screen.getByText(text)).toBeVisible();
});

it("does not speak of reconnecting when nothing is tried any more, and offers it", async () => {
  shown({ state: "lost", attempt: 5 });
  expect(screen.queryByText("Reconnecting...")).toBeNull();
  expect(screen.getByText("Connection lost")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Retry now" }));
  expect(retryConnection).toHaveBeenCalledTimes(1);
});

it("NFR-I2 says quietly that updates are polled", () => {
  const { container } = shown({ state: "polling" });
  expect(screen.getByText("Live updates are off; checking every 2 s")).toBeVisible();
  expect(container.firstChild).not.toHaveClass("bg-fair");
});

it("says why the line will not come back, and nothing when it was closed on purpose", () => {
  const ended = shown({ state: "disconnected", reason: "There is no such session." });
  expect(screen.getByText("There is no such session.")).toBeVisible();
  ended.unmount();
  expect(shown({ state: "disconnected" }).container).toBeEmptyDOMElement();
});
