/** Parts loaded when first drawn: what stands there before, when loading fails, and that it is tried again. */
import { act, render, screen } from "@testing-library/react";
import { later } from "@/components/ui/later";
import { useToasts } from "@/store/toastStore";

const Part = ({ name }: { name: string }) => <p>Part {name}</p>;
const loads = (...answers: ("gone" | "there")[]) => {
  const load = vi.fn();
  for (const answer of answers) {
    if (answer === "gone") load.mockRejectedValueOnce(new TypeError("Failed to fetch dynamically imported module"));
    else load.mockResolvedValueOnce(Part);
  }
  return load as typeof load & (() => Promise<typeof Part>);
};
const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

describe("a part that is loaded later", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    useToasts.setState({ toasts: [] });
  });
  afterEach(() => void vi.useRealTimers());

  it("shows what waits, then the part, and at once the next time", async () => {
    const load = loads("there");
    const Later = later<{ name: string }>(load);
    const first = render(<Later name="one" waiting={<p>Waiting</p>} />);
    expect(screen.getByText("Waiting")).toBeVisible();
    await pass(0);
    expect(screen.getByText("Part one")).toBeVisible();
    first.unmount();
    render(<Later name="two" />);
    expect(screen.getByText("Part two")).toBeVisible();
    expect(load).toHaveBeenCalledTimes(1);
  });

  it("keeps the page when it can't be loaded, and tries again with growing pauses until it can", async () => {
    const load = loads("gone", "gone", "gone", "there");
    const Later = later<{ name: string }>(load);
    render(
      <>
        <p>The rest</p>
        <Later name="one" waiting={<p>Waiting</p>} broken={<p>Not loaded</p>} />
      </>,
    );
    await pass(0);
    expect(screen.getByText("The rest")).toBeVisible();
    expect(screen.getByText("Not loaded")).toBeVisible();
    await pass(1000);
    await pass(1999);
    expect(load).toHaveBeenCalledTimes(2);
    await pass(1);
    expect(load).toHaveBeenCalledTimes(3);
    await pass(4000);
    expect(screen.getByText("Part one")).toBeVisible();
    expect(useToasts.getState().toasts).toEqual([]);
  });

  it("leaves what waits where nothing is said of a failure", async () => {
    const Later = later<{ name: string }>(loads("gone"));
    render(<Later name="one" waiting={<p>Waiting</p>} />);
    await pass(0);
    expect(screen.getByText("Waiting")).toBeVisible();
  });

  it("tells a person that what they opened could not be loaded, and loads it when they ask again", async () => {
    const load = loads("gone", "there");
    const Later = later<{ name: string }>(load);
    const onFailed = vi.fn();
    const opened = render(<Later name="one" onFailed={onFailed} />);
    await pass(0);
    expect(onFailed).toHaveBeenCalledTimes(1);
    expect(useToasts.getState().toasts.map((toast) => toast.text)).toEqual([
      "That could not be loaded. Reload the page when AdMint runs again.",
    ]);
    await pass(60_000);
    expect(load).toHaveBeenCalledTimes(1);
    opened.unmount();
    render(<Later name="two" onFailed={onFailed} />);
    await pass(0);
    expect(screen.getByText("Part two")).toBeVisible();
  });

  it("does nothing any more once it is gone", async () => {
    const load = loads("gone");
    const onFailed = vi.fn();
    const Later = later<{ name: string }>(load);
    const shown = render(<Later name="one" onFailed={onFailed} />);
    shown.unmount();
    await pass(60_000);
    expect(load).not.toHaveBeenCalled();
    expect(onFailed).not.toHaveBeenCalled();
  });
});
