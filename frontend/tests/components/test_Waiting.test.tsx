/** A bought clip that waits at its provider. */
import { act, render, screen } from "@testing-library/react";
import { useSeller, Waiting } from "@/components/money/Waiting";
import { AT, adAt, onScreen } from "../fixtures/generation";
import { sold } from "../fixtures/money";

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

function Seller() {
  return <p>{useSeller(1) ?? "nobody"}</p>;
}

it("waits at nobody while nothing is filmed, nor for a clip that is made here", () => {
  sold();
  onScreen(adAt(AT.twoClips, { videoProvider: "replicate", status: "videos", substage: null }));
  render(<Seller />);
  expect(screen.getByText("Replicate")).toBeInTheDocument();
  act(() => void onScreen(adAt(AT.twoClips, { videoProvider: "replicate", status: "videos", substage: "over_cap" })));
  expect(screen.getByText("nobody")).toBeInTheDocument();
  act(() => void onScreen(adAt(AT.twoClips, { status: "videos", substage: null, clipProviders: { 2: "replicate" } })));
  expect(screen.getByText("nobody")).toBeInTheDocument();
});
