/** The sample ad, played over the first screen. Loaded when asked for. Tests: tests/components/test_Welcome.test.tsx */
import { VideoPlayer } from "@/components/pipeline/VideoPlayer";
import { Dialog } from "@/components/ui/Dialog";

export function Sample({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="A sample ad" wide onClose={onClose}>
      <div className="overflow-hidden rounded-thumb">
        <VideoPlayer src="/sample.mp4" poster="/sample.jpg" title="A sample ad" autoPlay />
      </div>
      <p className="mt-3 text-sm text-ink-2">
        Story, pictures, film, music and titles were made on a laptop, without a key or a network.
      </p>
    </Dialog>
  );
}
