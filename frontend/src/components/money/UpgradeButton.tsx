/** The way from a finished ad to bought clips, where anybody sells them. Tests: tests/components/test_Upgrade.test.tsx */
import { Clapperboard } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/Button";
import { later } from "@/components/ui/later";
import type { Generation } from "@/store/model";
import { useStudio } from "@/store/studioStore";

const Upgrade = later(() => import("./Upgrade").then((module) => module.Upgrade));

export function UpgradeButton({ generation }: { generation: Generation }) {
  const [open, setOpen] = useState(false);
  const sold = useStudio((state) =>
    state.view?.offers.some((offer) => offer.costs_money && offer.tasks.includes("video")),
  );
  if (!sold || !generation.actions.includes("upgrade")) return null;
  const close = () => setOpen(false);
  return (
    <>
      <Button icon={<Clapperboard size={14} aria-hidden />} onClick={() => setOpen(true)}>
        Upgrade scenes
      </Button>
      {open && <Upgrade generation={generation} onClose={close} onFailed={close} />}
    </>
  );
}
