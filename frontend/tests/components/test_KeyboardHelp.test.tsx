/** The list of keys and its switch. */
import { fireEvent, render, screen } from "@testing-library/react";
import { KeyboardHelp } from "@/components/ui/KeyboardHelp";
import { shortcutOf } from "@/services/shortcuts";

beforeEach(() => localStorage.clear());

it("names every single key there is", () => {
  render(<KeyboardHelp onClose={() => undefined} />);
  const named = screen.getAllByRole("term").map((term) => term.textContent);
  for (const key of ["/", "e", "r", "?"]) {
    expect(shortcutOf(new KeyboardEvent("keydown", { key }), true)).toBeNull();
    expect(named).toContain(key);
  }
  expect(named).toEqual(expect.arrayContaining(["j, k", "Space"]));
});

it("switches single keys off and on again", () => {
  render(<KeyboardHelp onClose={() => undefined} />);
  const box = screen.getByRole("checkbox", { name: /^Single keys/ });
  expect(box).toBeChecked();
  fireEvent.click(box);
  expect(box).not.toBeChecked();
  expect(localStorage).toHaveLength(1);
  fireEvent.click(box);
  expect(box).toBeChecked();
  expect(localStorage).toHaveLength(0);
});
