/**
 * The scenes (AC-5.2, AC-5.8): read, edit one in place, have one written anew, put them in order, approve all with the
 * price on the button. Tests: tests/components/test_SceneList.test.tsx
 */
import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { NOT_LOADED } from "@/components/money/notLoaded";
import { Card } from "@/components/ui/Card";
import { later } from "@/components/ui/later";
import { approve } from "@/services/actions";
import { answered } from "@/store/gate";
import type { Generation } from "@/store/model";
import { SceneRow } from "./SceneRow";
import { seconds } from "./StoryDisplay";
import { useKeptFocus } from "./useKeptFocus";
import { useOrder } from "./useOrder";

const PaidApproval = later(() => import("@/components/money/PaidApproval").then((module) => module.PaidApproval));
const SceneSort = later(() => import("./SceneSort").then((module) => module.default));

/** Share of the ad's length that rendering takes on a laptop of two cores (bench/demo). */
const LOCAL_SHARE = 0.5;

export function SceneList({ generation, live }: { generation: Generation; live: boolean }) {
  if (!live) return <p className="text-sm text-ink-3">An earlier version of the scenes</p>;
  return <LiveScenes generation={generation} />;
}

function LiveScenes({ generation }: { generation: Generation }) {
  // Opening another scene's editor leaves this one as it is.
  const [editing, setEditing] = useState<readonly number[]>([]);
  const { gate, adjustments } = generation;
  const open = gate?.stage === "scenes";
  const sortable = (open || generation.actions.includes("reorder_scenes")) && generation.scenes.length > 1;
  const { order, put, moving } = useOrder(generation, sortable);
  const scenes = order.flatMap((id) => generation.scenes.find((scene) => scene.id === id) ?? []);
  const movable = (sortable || moving) && editing.length === 0;
  // Once there, the sortable list stays: another kind of list would draw every row anew, and lose the focus.
  const [sorted, setSorted] = useState(sortable);
  if (sortable && !sorted) setSorted(true);
  const { list, keep } = useKeptFocus(order);
  const move = (id: number, by: number) => {
    const from = order.indexOf(id);
    const to = from + by;
    if (to < 0 || to >= order.length) return;
    keep(id);
    put(order.toSpliced(from, 1).toSpliced(to, 0, id));
  };
  const row = (index: number) => {
    const scene = scenes[index];
    return (
      scene && (
        <SceneRow
          generation={generation}
          scene={scene}
          editing={editing.includes(scene.id)}
          onEdit={(on) => setEditing((ids) => [...ids.filter((id) => id !== scene.id), ...(on ? [scene.id] : [])])}
          onMove={movable ? (by) => move(scene.id, by) : null}
          first={index === 0}
          last={index === scenes.length - 1}
        />
      )
    );
  };
  const plain = (
    <ol className="divide-y divide-line">
      {scenes.map((scene, index) => (
        <li key={scene.id}>{row(index)}</li>
      ))}
    </ol>
  );
  const total = scenes.reduce((sum, scene) => sum + scene.duration, 0);
  return (
    <Card label="Scenes" bare>
      <div ref={list} className="overflow-hidden rounded-card border border-line bg-bubble">
        <div className="flex items-baseline justify-between gap-3 px-5 pt-4 pb-2">
          <h2 className="text-lg font-semibold">
            {scenes.length} {scenes.length === 1 ? "scene" : "scenes"}
          </h2>
          <p className="tnum text-sm text-ink-2">{seconds(Math.round(total * 10) / 10)}</p>
        </div>
        {sorted ? (
          <SceneSort
            grips={sortable}
            disabled={!movable}
            order={order}
            onOrder={(ids, id) => {
              keep(id);
              put(ids);
            }}
            renderRow={row}
            waiting={plain}
          />
        ) : (
          plain
        )}
        {adjustments.length > 0 && (
          <ul className="border-t border-line px-5 py-3 text-sm text-ink-2">
            {adjustments.map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        )}
        {open && <Approval generation={generation} blocked={editing.length > 0} />}
      </div>
    </Card>
  );
}

/** What is paid for is approved with its quote and a cap. */
function Approval({ generation, blocked }: { generation: Generation; blocked: boolean }) {
  const paid = Number(generation.gate?.quote?.total_usd ?? 0) > 0;
  if (!paid) return <ApproveScenes generation={generation} blocked={blocked} />;
  return (
    <div className="border-t border-line px-5 py-4">
      <PaidApproval
        generation={generation}
        label={renderLabel(generation.scenes.length)}
        blocked={blocked}
        broken={NOT_LOADED}
      />
    </div>
  );
}

const renderLabel = (count: number) => `Render ${count} ${count === 1 ? "clip" : "clips"}`;

function ApproveScenes({ generation, blocked }: { generation: Generation; blocked: boolean }) {
  const { scenes, gate } = generation;
  const sending = answered(generation);
  const count = scenes.length;
  const time = expectedSeconds(generation);
  const label = [renderLabel(count), gate?.quote ? "free" : "", time ? `about ${time} s` : ""];
  return (
    <div className="flex flex-wrap items-center justify-between gap-3 border-t border-line px-5 py-4">
      <p className="text-sm text-ink-2">
        {blocked ? "Save or cancel your edit first." : "Change anything above, or go on."}
      </p>
      <Button variant="primary" disabled={sending || blocked} onClick={() => approve(generation)}>
        {label.filter(Boolean).join(" · ")}
      </Button>
    </div>
  );
}

/** Seconds that rendering takes here, to five; null when somebody else renders. */
function expectedSeconds({ gate, plan }: Generation): number | null {
  const local = gate?.quote?.items.every((item) => item.provider === "local") ?? false;
  return local && plan ? Math.max(5, 5 * Math.round((plan.duration_s * LOCAL_SHARE) / 5)) : null;
}
