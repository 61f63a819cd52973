/**
 * The picture of one variant: its video, or its still while it has none or others are on. Comparing is the one place with
 * more than one video; each lets go of its source when it leaves. Tests: tests/routes/test_Compare.test.tsx
 */
import { useEffect, useRef, useState } from "react";
import type { GroupMember } from "@/api/types";
import { standing } from "@/components/history/standing";
import { Thumbnail } from "@/components/history/Thumbnail";
import { Button } from "@/components/ui/Button";
import type { InStep } from "./useInStep";

interface ScreenProps {
  member: GroupMember;
  on: boolean;
  muted: boolean;
  join: InStep["join"];
  /** Put this one's video on, in place of another. */
  onShow: () => void;
  /** The address did not play; ask for a fresh one. */
  onExpired: () => void;
}

export function Screen({ member, on, muted, join, onShow, onExpired }: ScreenProps) {
  const { final_video_url: url, thumbnail_url: thumbnail, label } = member;
  if (url && on) {
    return <Video url={url} poster={thumbnail} label={label} muted={muted} join={join} onExpired={onExpired} />;
  }
  return (
    <div className="relative">
      <Thumbnail url={thumbnail} name={label} className="w-full rounded-none text-2xl" />
      <div className="absolute inset-0 flex items-center justify-center bg-black/60">
        {url ? <Button onClick={onShow}>Show this one</Button> : <p>{standing(member).text}</p>}
      </div>
    </div>
  );
}

interface VideoProps extends Pick<ScreenProps, "muted" | "join" | "onExpired"> {
  url: string;
  poster: string | null;
  label: string;
}

function Video({ url, poster, label, muted, join, onExpired }: VideoProps) {
  const video = useRef<HTMLVideoElement>(null);
  // Addresses are signed anew now and then: the same film under another signature must not start over.
  const [src, setSrc] = useState(url);
  const [failed, setFailed] = useState("");
  /** It did not play: the next address counts, even if it is the same film's. */
  const [anew, setAnew] = useState(false);
  if (url !== src && (anew || fileOf(src) !== fileOf(url))) {
    setSrc(url);
    setAnew(false);
  }
  const broken = failed === src;
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    // StrictMode mounts twice: what the first clean-up took away is put back.
    if (element.getAttribute("src") !== src) element.src = src;
    const leave = join(element);
    return () => {
      leave();
      element.pause();
      element.removeAttribute("src");
      element.load();
    };
  }, [src, join, broken]);
  if (broken) {
    return (
      <div className="flex aspect-video flex-col items-center justify-center gap-3 bg-black p-4 text-center text-sm text-ink-2">
        This video can't be played right now.
        <Button
          onClick={() => {
            setFailed("");
            setAnew(true);
            onExpired();
          }}
        >
          Try again
        </Button>
      </div>
    );
  }
  return (
    // What is said is on screen; the captions of each can be taken from its conversation.
    // eslint-disable-next-line jsx-a11y/media-has-caption
    <video
      ref={video}
      src={src}
      poster={poster ?? undefined}
      muted={muted}
      playsInline
      preload="auto"
      aria-label={label}
      className="aspect-video w-full bg-black object-contain"
      onError={() => setFailed(src)}
    />
  );
}

function fileOf(url: string): string {
  return url.split("?")[0] ?? url;
}
