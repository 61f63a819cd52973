/** All keys, and the switch for single ones. Tests: tests/components/test_KeyboardHelp.test.tsx */
import { switchSingleKeys, useSingleKeys } from "@/services/shortcuts";
import { Dialog } from "./Dialog";

const KEYS: [string, string][] = [
  ["Alt + N", "New ad"],
  ["Ctrl or Cmd + K", "Search"],
  ["/", "Go to the text field"],
  ["j, k", "Next and previous scene"],
  ["e", "Edit the scene"],
  ["r", "Write the scene again"],
  ["Alt + arrow up, down", "Move the scene"],
  ["Space", "Play"],
  ["Ctrl or Cmd + Enter", "Save an edit"],
  ["?", "This list"],
];

export function KeyboardHelp({ onClose }: { onClose: () => void }) {
  const single = useSingleKeys();
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2">
        {KEYS.map(([key, text]) => (
          <div key={key} className="contents">
            <dt>
              <kbd className="rounded-thumb border border-line-strong bg-card px-2 py-0.5 font-sans text-sm">{key}</kbd>
            </dt>
            <dd className="text-ink-2">{text}</dd>
          </div>
        ))}
      </dl>
      <label className="mt-5 flex min-h-8 items-center gap-3">
        <input
          type="checkbox"
          checked={single}
          className="size-4 accent-accent"
          onChange={(event) => switchSingleKeys(event.target.checked)}
        />
        Single keys, such as j and e
      </label>
    </Dialog>
  );
}
