/** The one video: it lets go of its source, and an address that has expired can be replaced. */
import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { VideoPlayer } from "@/components/pipeline/VideoPlayer";

const video = () => screen.getByLabelText<HTMLVideoElement>("Your ad");

describe("VideoPlayer", () => {
  it("plays by the browser's own controls, with captions", () => {
    render(<VideoPlayer src="/a.mp4" poster="/a.jpg" title="Your ad" captionsUrl="/a.vtt" />);
    expect(video()).toHaveAttribute("controls");
    expect(video()).toHaveAttribute("poster", "/a.jpg");
    expect(video().querySelector("track")).toHaveAttribute("src", "/a.vtt");
  });

  it("frees its source when it leaves", () => {
    const pause = vi.spyOn(HTMLMediaElement.prototype, "pause");
    const load = vi.spyOn(HTMLMediaElement.prototype, "load");
    const { unmount } = render(<VideoPlayer src="/a.mp4" title="Your ad" />);
    const element = video();
    unmount();
    expect(pause).toHaveBeenCalled();
    expect(element).not.toHaveAttribute("src");
    expect(load).toHaveBeenCalled();
  });

  it("has the new source after a change", () => {
    const { rerender } = render(<VideoPlayer src="/a.mp4" title="Your ad" />);
    rerender(<VideoPlayer src="/b.mp4" title="Your ad" />);
    expect(video()).toHaveAttribute("src", "/b.mp4");
  });

  it("asks for a fresh address when the video can't be played", async () => {
    const onExpired = vi.fn();
    render(<VideoPlayer src="/a.mp4" title="Your ad" onExpired={onExpired} />);
    fireEvent.error(video());
    expect(screen.getByText(/can't be played right now/)).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(onExpired).toHaveBeenCalledOnce();
    expect(video()).toBeInTheDocument();
  });
});
