/** One variant beside the others: its picture, what sets it apart, what can be done with it. Tests: tests/routes/test_Compare.test.tsx */
import { Check, Download, Volume2, VolumeX } from "lucide-react";
import { Link } from "react-router";
import type { GroupMember } from "@/api/types";
import { addressOf } from "@/components/history/HistoryRow";
import { Button, ButtonLink, IconButton } from "@/components/ui/Button";
import { classes } from "@/components/ui/classes";
import { downloadUrl } from "@/services/actions";
import { Screen } from "./Screen";
import type { InStep } from "./useInStep";

interface SideProps {
  member: GroupMember;
  first: boolean;
  on: boolean;
  heard: boolean;
  join: InStep["join"];
  onShow: () => void;
  onExpired: () => void;
  onHear: () => void;
  onChoose: () => void;
}

export function Side(props: SideProps) {
  const { member, first, on, heard, join, onShow, onExpired } = props;
  const { winner, label } = member;
  return (
    <li
      className={classes(
        "flex flex-col overflow-hidden rounded-card border bg-bubble",
        winner ? "border-accent" : "border-line",
      )}
    >
      <Screen member={member} on={on} muted={!heard} join={join} onShow={onShow} onExpired={onExpired} />
      <div className="flex flex-1 flex-col p-4">
        <h2 className="flex items-center gap-2 text-lg font-semibold">
          <span className="min-w-0 truncate" title={label}>
            {label}
          </span>
          {winner && (
            <span className="flex shrink-0 items-center gap-1 rounded-full bg-accent-soft px-2 py-0.5 text-xs font-normal text-accent">
              <Check size={12} aria-hidden />
              Chosen
            </span>
          )}
        </h2>
        <p className="tnum text-sm text-ink-2">{described(member)}</p>
        <p className="mt-2 mb-4 text-sm text-ink-2">
          {first ? "The others are compared with this one." : apart(member)}
        </p>
        {member.error_message && <p className="mb-4 text-sm text-poor">{member.error_message}</p>}
        <Actions {...props} />
      </div>
    </li>
  );
}

function Actions({ member, on, heard, onHear, onChoose }: SideProps) {
  const { id, winner, label, final_video_url: film } = member;
  return (
    <div className="mt-auto flex flex-wrap items-center gap-2">
      {film && (
        <>
          <Button variant={winner ? "secondary" : "primary"} onClick={onChoose}>
            {winner ? "Take it back" : "Use this one"}
          </Button>
          <ButtonLink icon={<Download size={14} aria-hidden />} href={downloadUrl(id)} download>
            Download
          </ButtonLink>
          {on && (
            <IconButton label={`Sound of ${label}`} aria-pressed={heard} onClick={onHear}>
              {heard ? <Volume2 size={16} aria-hidden /> : <VolumeX size={16} aria-hidden />}
            </IconButton>
          )}
        </>
      )}
      <Link
        to={addressOf(member)}
        aria-label={`Open ${label}`}
        className="inline-flex min-h-8 items-center px-1 text-sm text-ink-2 underline underline-offset-4 hover:text-ink"
      >
        Open
      </Link>
    </div>
  );
}

function described({ framework, pacing, duration_s: length, scene_count: scenes }: GroupMember): string {
  const parts = [
    framework,
    pacing && `${pacing} pace`,
    length && `${Math.round(length)} s`,
    scenes && (scenes === 1 ? "1 scene" : `${scenes} scenes`),
  ];
  return parts.filter(Boolean).join(" · ");
}

/** "Scene 1 is written differently. Scenes 2 and 3 use the first one's clips." */
function apart({ differs_in: scenes, shares_clips: shared }: GroupMember): string {
  if (scenes === null) return "Not written yet.";
  if (!scenes.length) return "The same scenes as the first.";
  const differ = `${named(scenes)} ${scenes.length === 1 ? "is" : "are"} written differently.`;
  if (!shared.length) return differ;
  return `${differ} ${named(shared)} ${shared.length === 1 ? "uses" : "use"} the first one's clips.`;
}

function named(scenes: number[]): string {
  if (scenes.length === 1) return `Scene ${scenes[0]}`;
  return `Scenes ${scenes.slice(0, -1).join(", ")} and ${scenes.at(-1)}`;
}
