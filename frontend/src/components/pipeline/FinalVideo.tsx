/** The finished ad in the feed (AC-5.2): play, download, share, what else there is to take. Tests: tests/components/test_FinalVideo.test.tsx */
import { Copy, Download, Play, Share2 } from "lucide-react";
import { Button, ButtonLink } from "@/components/ui/Button";
import { Card } from "@/components/ui/Card";
import { UpgradeButton } from "@/components/money/UpgradeButton";
import { QualityScore } from "@/components/quality/QualityScore";
import { scoreState } from "@/components/quality/scoreState";
import { downloadUrl } from "@/services/actions";
import { refreshSoon } from "@/services/session";
import { share } from "@/services/share";
import type { Generation } from "@/store/model";
import { useScored } from "@/store/studioStore";
import { seconds } from "./StoryDisplay";
import { usePanelVisible } from "./usePanelVisible";
import { VideoPlayer } from "./VideoPlayer";

interface FinalVideoProps {
  generation: Generation;
  live: boolean;
  /** Play the whole ad in the storyboard beside. */
  onPlay: () => void;
  onVariant: () => void;
}

const PARTS = [
  { what: "story", label: "Story" },
  { what: "scenes", label: "Scenes" },
  { what: "captions", label: "Captions" },
  { what: "metadata", label: "Metadata" },
];

export function FinalVideo({ generation, live, onPlay, onVariant }: FinalVideoProps) {
  const panel = usePanelVisible();
  const scored = useScored();
  const { finalVideoUrl: url } = generation;
  if (!live || !url) return <p className="text-sm text-ink-3">An earlier cut of this ad</p>;
  const poster = firstStill(generation);
  const size = generation.plan ? ` · ${generation.plan.width} × ${generation.plan.height}` : "";
  return (
    <Card label="Final" bare>
      <div className="overflow-hidden rounded-card border border-line bg-bubble">
        {panel ? (
          <button
            type="button"
            aria-label="Play the ad"
            className="group relative block w-full -outline-offset-2"
            onClick={onPlay}
          >
            <img src={poster} alt="" className="max-h-[26rem] w-full bg-black object-contain" />
            <span className="absolute inset-0 m-auto flex size-14 items-center justify-center rounded-full bg-white/90 text-on-accent group-hover:bg-white">
              <Play size={24} className="ml-0.5" fill="currentColor" aria-hidden />
            </span>
          </button>
        ) : (
          <VideoPlayer
            src={url}
            poster={poster}
            title={generation.title ?? "Your ad"}
            captionsUrl={downloadUrl(generation.id, "captions")}
            onExpired={() => refreshSoon(generation.id)}
          />
        )}
        <div className="p-5">
          <h2 className="text-lg font-semibold">Your ad is ready</h2>
          <p className="tnum text-sm text-ink-2">
            {generation.duration ? seconds(Math.round(generation.duration * 10) / 10) : ""}
            {size}
          </p>
          <div className="mt-4 flex flex-wrap gap-2">
            <ButtonLink
              variant="primary"
              icon={<Download size={14} aria-hidden />}
              href={downloadUrl(generation.id)}
              download
            >
              Download
            </ButtonLink>
            <Button icon={<Share2 size={14} aria-hidden />} onClick={() => void share(url)}>
              Share
            </Button>
            <Button icon={<Copy size={14} aria-hidden />} onClick={onVariant}>
              Make a variant
            </Button>
            <UpgradeButton generation={generation} />
          </div>
          <div className="mt-4">
            <QualityScore score={generation.scores.overall ?? null} state={scoreState(generation, null, scored)} />
          </div>
          {generation.checks.length > 0 && (
            <ul className="mt-4 flex list-disc flex-col gap-1 pl-5 text-sm text-ink-2">
              {generation.checks.map((check) => (
                <li key={check}>{check}</li>
              ))}
            </ul>
          )}
          <p className="mt-4 flex flex-wrap gap-x-4 gap-y-1 text-sm text-ink-2">
            As files:
            {PARTS.map(({ what, label }) => (
              <a
                key={what}
                href={downloadUrl(generation.id, what)}
                download
                className="underline underline-offset-2 hover:text-ink"
              >
                {label}
              </a>
            ))}
          </p>
        </div>
      </div>
    </Card>
  );
}

/** The first still there is, for posters. */
export function firstStill(generation: Generation): string | undefined {
  const first = generation.scenes[0]?.id;
  if (first === undefined) return undefined;
  return generation.clips[first]?.poster_url ?? generation.storyboard[first];
}
