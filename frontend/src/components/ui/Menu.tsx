/**
 * A button that opens a list to choose one of. The list's code is loaded on first use; until then the button stands alone.
 * Tests: tests/components/test_Menu.test.tsx
 */
import { ChevronDown } from "lucide-react";
import { useState, type ReactNode } from "react";
import { classes } from "./classes";
import { later } from "./later";

const MenuList = later(() => import("./MenuList").then((module) => module.default));

export interface Choice {
  value: string;
  label: string;
  /** One line of explanation under the label. */
  hint?: string;
}

export interface MenuProps {
  /** Name of the setting, for screen readers: "Framework". */
  label: string;
  value: string;
  choices: readonly Choice[];
  onChoose: (value: string) => void;
  icon?: ReactNode;
  disabled?: boolean;
}

const LOOK =
  "inline-flex min-h-8 items-center gap-1.5 rounded-control px-2.5 py-1.5 text-sm whitespace-nowrap text-ink-2 hover:bg-raised hover:text-ink disabled:text-ink-3";

export function Menu(props: MenuProps) {
  const [wanted, setWanted] = useState(false);
  const shown = props.choices.find((choice) => choice.value === props.value)?.label ?? props.label;
  const face = (
    <>
      {props.icon}
      {shown}
      <ChevronDown size={14} aria-hidden />
    </>
  );
  const name = `${props.label}: ${shown}`;
  const plain = (
    <button
      type="button"
      aria-label={name}
      aria-haspopup="menu"
      aria-expanded={false}
      disabled={props.disabled}
      className={classes(LOOK)}
      onClick={() => setWanted(true)}
    >
      {face}
    </button>
  );
  if (!wanted) return plain;
  return <MenuList {...props} name={name} face={face} look={LOOK} waiting={plain} onFailed={() => setWanted(false)} />;
}
