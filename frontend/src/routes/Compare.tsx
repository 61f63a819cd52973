/** Variants side by side: played in step, scored beside each other, one of them chosen (FR48-50). Tests: tests/routes/test_Compare.test.tsx */
import { useEffect, useMemo, useState } from "react";
import { useParams } from "react-router";
import type { GroupView } from "@/api/types";
import { ScoreTable } from "@/components/compare/ScoreTable";
import { Side } from "@/components/compare/Side";
import { Transport } from "@/components/compare/Transport";
import { useGroup } from "@/components/compare/useGroup";
import { useInStep } from "@/components/compare/useInStep";
import { Button } from "@/components/ui/Button";
import { useShortcuts } from "@/services/shortcuts";

/** More videos at once would cost the browser too much memory. */
const MOST = 3;

export function Compare() {
  const { groupId = "" } = useParams();
  const { group, problem, load, choose } = useGroup(groupId);
  useEffect(() => {
    document.title = "Compare · AdMint";
  }, []);
  return (
    <main id="main" className="min-h-0 flex-1 overflow-y-auto">
      <div className="mx-auto max-w-[90rem] px-5 pt-3.5 pb-6 lg:pt-6">
        <h1 className="pl-10 text-xl font-semibold lg:pl-0">Compare variants</h1>
        {group && <p className="mt-1 max-w-prose text-ink-2">{group.title}</p>}
        {problem && (
          <div
            role="alert"
            className="mt-4 flex flex-wrap items-center gap-3 rounded-card border border-poor/40 bg-poor-soft px-4 py-3"
          >
            <p className="flex-1">{problem}</p>
            <Button onClick={load}>Try again</Button>
          </div>
        )}
        {group ? <Sides key={group.id} group={group} onChoose={choose} onExpired={load} /> : !problem && <Skeleton />}
      </div>
    </main>
  );
}

interface SidesProps {
  group: GroupView;
  onChoose: (generationId: string | null) => Promise<void>;
  onExpired: () => void;
}

function Sides({ group, onChoose, onExpired }: SidesProps) {
  const films = group.variants.filter((member) => member.final_video_url).map(({ id }) => id);
  const transport = useInStep();
  const { on, show } = useScreens(films);
  const [wanted, setWanted] = useState<string | null>(null);
  const heard = wanted === null || (wanted && !on.includes(wanted)) ? on[0] : wanted;
  const { toggle } = transport;
  useShortcuts(useMemo(() => ({ play: toggle }), [toggle]));
  return (
    <>
      {films.length > 0 && <Transport {...transport} />}
      <ul className="mt-4 grid auto-cols-[minmax(14rem,1fr)] grid-flow-col gap-4 overflow-x-auto pb-4">
        {group.variants.map((member, index) => (
          <Side
            key={member.id}
            member={member}
            first={index === 0}
            on={on.includes(member.id)}
            heard={heard === member.id}
            join={transport.join}
            onShow={() => show(member.id)}
            onExpired={onExpired}
            onHear={() => setWanted(heard === member.id ? "" : member.id)}
            onChoose={() => void onChoose(member.winner ? null : member.id)}
          />
        ))}
      </ul>
      <ScoreTable group={group} />
    </>
  );
}

/** Which videos are on: the first ones, until others are put in their place. */
function useScreens(films: string[]): { on: string[]; show: (id: string) => void } {
  const [asked, setAsked] = useState<string[]>([]);
  const on = [...new Set([...asked.filter((id) => films.includes(id)), ...films])].slice(0, MOST);
  return { on, show: (id) => setAsked([id, ...on.filter((each) => each !== id)].slice(0, MOST)) };
}

function Skeleton() {
  return (
    <div aria-hidden className="mt-4 grid grid-cols-1 gap-5 sm:grid-cols-2 lg:grid-cols-3">
      {[0, 1, 2].map((each) => (
        <div key={each} className="aspect-4/3 animate-breathe rounded-card border border-line bg-bubble" />
      ))}
    </div>
  );
}
