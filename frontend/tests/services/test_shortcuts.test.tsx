/** Keys: what each means, and when it must mean nothing (WCAG 2.1.4). */
import { fireEvent, render } from "@testing-library/react";
import { switchSingleKeys, useShortcuts, type ShortcutMap } from "@/services/shortcuts";

const names = ["new", "search", "composer", "next", "previous", "edit", "regenerate", "play", "help"] as const;
let heard: string[];

function Page({ enabled = true }: { enabled?: boolean }) {
  const map: ShortcutMap = Object.fromEntries(names.map((name) => [name, () => heard.push(name)]));
  useShortcuts(map, enabled);
  return (
    <>
      <input aria-label="field" />
      <button>button</button>
    </>
  );
}

beforeEach(() => {
  heard = [];
  localStorage.clear();
});

const press = (init: KeyboardEventInit, on: Element = document.body) => fireEvent.keyDown(on, init);

describe("useShortcuts", () => {
  it.each([
    [{ key: "n", code: "KeyN", altKey: true }, "new"],
    [{ key: "k", ctrlKey: true }, "search"],
    [{ key: "k", metaKey: true }, "search"],
    [{ key: "/" }, "composer"],
    [{ key: "j" }, "next"],
    [{ key: "k" }, "previous"],
    [{ key: "e" }, "edit"],
    [{ key: "r" }, "regenerate"],
    [{ key: " " }, "play"],
    [{ key: "?" }, "help"],
  ])("hears %o as %s, once", (init, name) => {
    render(<Page />);
    // Answered: the browser's own meaning is off.
    expect(press(init)).toBe(false);
    expect(heard).toEqual([name]);
  });

  it("leaves single keys to who types; the rest works there too", () => {
    const { getByLabelText } = render(<Page />);
    press({ key: "e" }, getByLabelText("field"));
    press({ key: "k", ctrlKey: true }, getByLabelText("field"));
    expect(heard).toEqual(["search"]);
  });

  it("leaves Space to a focused button", () => {
    const { getByRole } = render(<Page />);
    press({ key: " " }, getByRole("button"));
    expect(heard).toEqual([]);
  });

  it("does nothing behind an open dialog", () => {
    render(
      <>
        <Page />
        <dialog open />
      </>,
    );
    press({ key: "e" });
    press({ key: "n", code: "KeyN", altKey: true });
    expect(heard).toEqual([]);
  });

  it("takes AltGr and the browser's own combinations for what they are", () => {
    render(<Page />);
    press({ key: "n", code: "KeyN", altKey: true, ctrlKey: true });
    press({ key: "r", ctrlKey: true });
    expect(heard).toEqual([]);
  });

  it("walks on while a key is held, and does nothing else twice", () => {
    render(<Page />);
    press({ key: "j", repeat: true });
    press({ key: "r", repeat: true });
    expect(heard).toEqual(["next"]);
  });

  it("keeps single keys off when they are switched off, over a reload too", () => {
    switchSingleKeys(false);
    render(<Page />);
    press({ key: "e" });
    press({ key: "k", ctrlKey: true });
    expect(heard).toEqual(["search"]);
    expect(localStorage).toHaveLength(1);
  });

  it("is quiet when it is not enabled", () => {
    render(<Page enabled={false} />);
    press({ key: "e" });
    expect(heard).toEqual([]);
  });
});
