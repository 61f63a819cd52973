/**
 * One session on screen: header, feed, composer and the storyboard panel. Called by routes/UnifiedPipeline.tsx.
 * Tests: tests/routes/test_UnifiedPipeline.test.tsx
 */
import { PanelRight } from "lucide-react";
import { useState } from "react";
import { ChatFeed } from "@/components/chat/ChatFeed";
import { FeedCard } from "@/components/chat/FeedCard";
import { RunState } from "@/components/chat/RunState";
import { SessionComposer } from "@/components/composer/SessionComposer";
import { NOT_LOADED } from "@/components/money/notLoaded";
import { Dialog } from "@/components/ui/Dialog";
import { IconButton } from "@/components/ui/Button";
import { later } from "@/components/ui/later";
import type { Generation } from "@/store/model";
import { useGeneration } from "@/store/pipelineStore";
import { StageSteps } from "./StageSteps";
import { StoryboardPanel } from "./StoryboardPanel";
import { usePanelVisible } from "./usePanelVisible";
import { VariantTabs } from "./VariantTabs";
import { WorkingCard } from "./WorkingCard";
import { usePipelineShortcuts } from "./usePipelineShortcuts";

const Charges = later(() => import("@/components/money/Charges").then((module) => module.Charges));

export function Conversation() {
  const generation = useGeneration();
  const wide = usePanelVisible();
  const [drawer, setDrawer] = useState(false);
  const [playing, setPlaying] = useState<number | null>(null);
  usePipelineShortcuts(generation);
  if (!generation) return null;
  return (
    <div className="flex min-h-0 flex-1">
      <main id="main" className="flex min-w-0 flex-1 flex-col">
        <Header generation={generation} onPanel={wide ? null : () => setDrawer(true)} />
        <VariantTabs />
        <ChatFeed
          key={generation.id}
          generation={generation}
          renderItem={(item) => <FeedCard item={item} generation={generation} onPlay={setPlaying} />}
          footer={
            <>
              <WorkingCard generation={generation} />
              {generation.charges.length > 0 && <Charges generation={generation} broken={NOT_LOADED} />}
              <RunState generation={generation} />
            </>
          }
        />
        <SessionComposer generation={generation} />
      </main>
      {wide && (
        <aside aria-label="Storyboard" className="w-[348px] shrink-0 border-l border-line bg-rail">
          <StoryboardPanel generation={generation} playing={playing} onPlay={setPlaying} />
        </aside>
      )}
      {!wide && drawer && (
        <Dialog title="Storyboard" sheet onClose={() => setDrawer(false)}>
          <StoryboardPanel generation={generation} playing={playing} onPlay={setPlaying} />
        </Dialog>
      )}
    </div>
  );
}

function Header({ generation, onPanel }: { generation: Generation; onPanel: (() => void) | null }) {
  const title = generation.title ?? generation.prompt;
  const seconds = generation.plan?.duration_s;
  return (
    <header className="flex h-14 shrink-0 items-center gap-4 border-b border-line pr-4 pl-14 lg:pl-5">
      <h1 className="min-w-0 flex-1 truncate text-lg font-semibold" title={title}>
        {title}
        {seconds ? <span className="font-normal text-ink-2"> · {Math.round(seconds)} s</span> : null}
      </h1>
      <StageSteps generation={generation} />
      {onPanel && (
        <IconButton label="Show the storyboard" onClick={onPanel}>
          <PanelRight size={18} aria-hidden />
        </IconButton>
      )}
    </header>
  );
}
