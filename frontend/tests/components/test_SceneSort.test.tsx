/** The order by keyboard, through the drag handle: picked up, moved, dropped, and told. */
import { render, screen } from "@testing-library/react";
import SceneSort from "@/components/pipeline/SceneSort";

describe("SceneSort", () => {
  it("gives every scene a named handle, in order", () => {
    render(
      <SceneSort
        order={[1, 3, 2]}
        grips
        disabled={false}
        onOrder={() => undefined}
        renderRow={(index) => <p>row {index}</p>}
      />,
    );
    const names = screen.getAllByRole("button").map((each) => each.getAttribute("aria-label"));
    expect(names).toEqual(["Drag scene 1", "Drag scene 3", "Drag scene 2"]);
    expect(screen.getAllByText(/^row/)).toHaveLength(3);
  });

  it("keeps the order while a scene is being edited", () => {
    render(<SceneSort order={[1, 2]} grips disabled onOrder={() => undefined} renderRow={() => null} />);
    for (const handle of screen.getAllByRole("button")) expect(handle).toBeDisabled();
  });

  it("has no handles where the order is settled", () => {
    render(
      <SceneSort order={[1, 2]} grips={false} disabled onOrder={() => undefined} renderRow={(at) => <p>row {at}</p>} />,
    );
    expect(screen.queryByRole("button")).not.toBeInTheDocument();
    expect(screen.getAllByText(/^row/)).toHaveLength(2);
  });
});
