/** A fault in one screen: said in its place, the rest stays, another screen is drawn again. */
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Boundary, NOT_LOADED } from "@/components/ui/Broken";

function Faulty(): never {
  throw new Error("a fault of ours");
}

describe("Boundary", () => {
  beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => undefined));
  afterEach(() => void vi.restoreAllMocks());

  it("says that a screen failed, without its innards, and keeps what is around it", () => {
    render(
      <>
        <p>The rail</p>
        <Boundary at="/one">
          <Faulty />
        </Boundary>
      </>,
    );
    expect(screen.getByText("The rail")).toBeVisible();
    expect(screen.getByRole("alert")).toHaveTextContent("Your ads are safe on the server. Reload to go on.");
    expect(document.body).not.toHaveTextContent("a fault of ours");
  });

  it("draws another screen", () => {
    const { rerender } = render(
      <Boundary at="/one">
        <Faulty />
      </Boundary>,
    );
    rerender(
      <Boundary at="/two">
        <p>Another screen</p>
      </Boundary>,
    );
    expect(screen.getByText("Another screen")).toBeVisible();
    expect(screen.queryByRole("alert")).toBeNull();
  });
});

describe("a screen that did not load", () => {
  it("says so and offers to reload", async () => {
    // jsdom loads no page: that it is asked to is what there is to see.
    const refused = vi.fn<(error: Error) => void>();
    const { jsdom } = globalThis as unknown as { jsdom: { virtualConsole: NodeJS.EventEmitter } };
    jsdom.virtualConsole.on("jsdomError", refused);
    render(NOT_LOADED);
    expect(screen.getByRole("heading", { name: "This screen did not load" })).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Reload the page" }));
    expect(refused.mock.calls.map(([error]) => error.message)).toEqual([
      "Not implemented: navigation to another Document",
    ]);
  });
});
