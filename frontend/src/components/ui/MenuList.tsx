/** The open half of Menu: Radix brings the keyboard, focus and placement. Loaded by Menu.tsx on first use. */
import { Check } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import type { MenuProps } from "./Menu";

interface MenuListProps extends MenuProps {
  name: string;
  face: ReactNode;
  look: string;
}

export default function MenuList({ name, face, look, label, value, choices, onChoose, disabled }: MenuListProps) {
  return (
    <DropdownMenu.Root defaultOpen modal={false}>
      <DropdownMenu.Trigger aria-label={name} disabled={disabled} className={look}>
        {face}
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          aria-label={label}
          sideOffset={6}
          align="start"
          collisionPadding={12}
          className="z-40 max-w-80 min-w-52 rounded-control border border-line-strong bg-raised p-1 shadow-float"
        >
          <DropdownMenu.RadioGroup value={value} onValueChange={onChoose}>
            {choices.map((choice) => (
              <DropdownMenu.RadioItem
                key={choice.value}
                value={choice.value}
                className="flex cursor-pointer items-start gap-2 rounded-thumb px-2 py-1.5 text-sm outline-none data-[highlighted]:bg-white/10"
              >
                <span className="mt-0.5 size-4 shrink-0 text-accent">
                  <DropdownMenu.ItemIndicator>
                    <Check size={16} aria-hidden />
                  </DropdownMenu.ItemIndicator>
                </span>
                <span>
                  {choice.label}
                  {choice.hint && <span className="block text-xs text-ink-2">{choice.hint}</span>}
                </span>
              </DropdownMenu.RadioItem>
            ))}
          </DropdownMenu.RadioGroup>
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
