/**
 * The one video of the page, on the browser's own controls. It lets go of its source when it leaves: sixty mounted
 * players would cost 650 MB. Tests: tests/components/test_VideoPlayer.test.tsx
 */
import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/Button";

interface VideoPlayerProps {
  src: string;
  poster?: string | undefined;
  title: string;
  /** Address of a WebVTT file of this server. */
  captionsUrl?: string | undefined;
  autoPlay?: boolean;
  muted?: boolean;
  /** The address did not play; a fresh one may (signed addresses live a day). */
  onExpired?: () => void;
  onEnded?: () => void;
}

export function VideoPlayer({
  src,
  poster,
  title,
  captionsUrl,
  autoPlay,
  muted,
  onExpired,
  onEnded,
}: VideoPlayerProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [failed, setFailed] = useState("");
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    // StrictMode mounts twice: what the first clean-up took away is put back.
    if (element.getAttribute("src") !== src) element.src = src;
    return () => {
      element.pause();
      element.removeAttribute("src");
      element.load();
    };
  }, [src]);
  if (failed === src) {
    return (
      <div className="flex aspect-video w-full flex-col items-center justify-center gap-3 bg-black p-4 text-center text-sm text-ink-2">
        This video can't be played right now.
        <Button
          onClick={() => {
            setFailed("");
            onExpired?.();
          }}
        >
          Try again
        </Button>
      </div>
    );
  }
  return (
    <video
      ref={video}
      data-player
      src={src}
      poster={poster}
      controls
      playsInline
      preload="metadata"
      autoPlay={autoPlay}
      muted={muted}
      aria-label={title}
      className="max-h-[70dvh] w-full bg-black"
      onError={() => setFailed(src)}
      onEnded={onEnded}
    >
      <track kind="captions" label="English" srcLang="en" {...(captionsUrl ? { src: captionsUrl } : {})} />
    </video>
  );
}
