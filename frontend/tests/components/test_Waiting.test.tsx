/** A bought clip that waits at its provider. */
import { act, render, screen } from "@testing-library/react";
import { Waiting } from "@/components/money/Waiting";
import { AT, adAt } from "../fixtures/generation";

afterEach(() => vi.useRealTimers());

it("speaks of high demand only once it has waited, and says for how long", () => {
  vi.useFakeTimers();
  const [known] = Object.values(adAt(AT.twoClips).clips);
  const clip = known ? { ...known, updatedAt: Date.now() } : null;
  render(<Waiting clip={clip} seller="Replicate" />);
  expect(screen.getByText("Waiting at Replicate")).toBeInTheDocument();
  act(() => vi.advanceTimersByTime(25_000));
  expect(screen.getByText("High demand at Replicate · waiting 25 s")).toBeInTheDocument();
  act(() => vi.advanceTimersByTime(120_000));
  expect(screen.getByText("High demand at Replicate · waiting 2 min")).toBeInTheDocument();
});
