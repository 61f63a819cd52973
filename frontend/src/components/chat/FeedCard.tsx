/** Which card shows which item of the feed (AC-5.2). Tests: tests/routes/test_UnifiedPipeline.test.tsx */
import { useNavigate } from "react-router";
import { FinalVideo } from "@/components/pipeline/FinalVideo";
import { ParallelProgress } from "@/components/pipeline/ParallelProgress";
import { ReferenceImages } from "@/components/pipeline/ReferenceImages";
import { SceneList } from "@/components/pipeline/SceneList";
import { StoryDisplay } from "@/components/pipeline/StoryDisplay";
import { fillComposer } from "@/components/composer/fillComposer";
import type { FeedItem, Generation } from "@/store/model";
import { Bubble } from "./Bubble";
import { ErrorCard } from "./ErrorCard";
import { ReplyLine } from "./ReplyLine";

interface FeedCardProps {
  item: FeedItem;
  generation: Generation;
  /** Play one clip in the storyboard; null plays the whole ad. */
  onPlay: (clipId: number | null) => void;
}

export function FeedCard({ item, generation, onPlay }: FeedCardProps) {
  const navigate = useNavigate();
  const again = () => {
    fillComposer(generation);
    void navigate("/");
  };
  switch (item.kind) {
    case "prompt":
    case "said":
      return <Bubble item={item} />;
    case "reply":
      return <ReplyLine item={item} />;
    case "story":
      return <StoryDisplay generation={generation} draft={item.draft} />;
    case "references":
      return <ReferenceImages images={generation.references} />;
    case "scenes":
      return <SceneList generation={generation} live={item.live} />;
    case "clips":
      return <ParallelProgress generation={generation} onPlay={onPlay} />;
    case "final":
      return <FinalVideo generation={generation} live={item.live} onPlay={() => onPlay(null)} onVariant={again} />;
    case "error":
      return <ErrorCard item={item} generation={generation} />;
  }
}
