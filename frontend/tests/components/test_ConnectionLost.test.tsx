import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { ConnectionLost } from "@/components/connection/ConnectionLost";
import { retryConnection } from "@/services/session";
import type { ConnectionState } from "@/store/model";
import { usePipeline } from "@/store/pipelineStore";

vi.mock("@/services/session", () => ({ retryConnection: vi.fn() }));

const become = (state: ConnectionState, waiting = 0) =>
  act(() => usePipeline.getState().connected({ state, attempt: 0, reason: "" }, waiting));
const dialog = () => screen.queryByRole("dialog", { name: "Connection lost" });

beforeEach(() => {
  vi.mocked(retryConnection).mockReset();
  render(
    <>
      <p>What was said so far</p>
      <ConnectionLost />
    </>,
  );
});
afterEach(() => act(() => usePipeline.getState().reset()));

it("is not there while something still happens by itself", () => {
  for (const state of ["idle", "connecting", "connected", "reconnecting", "polling", "disconnected"] as const) {
    become(state);
    expect(dialog()).toBeNull();
  }
});

it("AC-5.7 asks a person after the last attempt, over a conversation that stays", async () => {
  become("lost");
  expect(dialog()).toBeVisible();
  expect(screen.getByText("What was said so far")).toBeInTheDocument();
  await userEvent.click(screen.getByRole("button", { name: "Retry" }));
  expect(retryConnection).toHaveBeenCalledTimes(1);
});

it("goes away when the line is dialled again, and comes back when that fails too", () => {
  become("lost");
  become("reconnecting");
  expect(dialog()).toBeNull();
  become("lost");
  expect(dialog()).toBeVisible();
});

it("promises to send only what waits", () => {
  become("lost");
  expect(screen.queryByText(/until it can be sent/)).toBeNull();
  become("lost", 2);
  expect(screen.getByText(/what you said is kept here until it can be sent/)).toBeVisible();
});

it("can be put aside to read on, until the line has been back", async () => {
  become("lost");
  await userEvent.click(screen.getByRole("button", { name: "Read on" }));
  expect(dialog()).toBeNull();
  become("connected");
  become("lost");
  expect(dialog()).toBeVisible();
});
