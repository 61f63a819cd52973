/** A setting to choose: its name and value are told, its list works by keyboard. */
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Menu } from "@/components/ui/Menu";

const CHOICES = [
  { value: "auto", label: "Auto" },
  { value: "aida", label: "AIDA", hint: "Attention, interest, desire, action" },
];

describe("Menu", () => {
  it("tells its name and value, and opens a list with the value marked", async () => {
    render(<Menu label="Framework" value="aida" choices={CHOICES} onChoose={() => undefined} />);
    await userEvent.click(screen.getByRole("button", { name: "Framework: AIDA" }));
    expect(await screen.findByRole("menuitemradio", { name: /AIDA/ })).toHaveAttribute("aria-checked", "true");
    expect(screen.getByRole("menuitemradio", { name: "Auto" })).toHaveAttribute("aria-checked", "false");
  });

  it("is chosen from by keyboard alone", async () => {
    const onChoose = vi.fn();
    render(<Menu label="Framework" value="auto" choices={CHOICES} onChoose={onChoose} />);
    await userEvent.tab();
    await userEvent.keyboard("{Enter}");
    await screen.findByRole("menu");
    await userEvent.keyboard("{ArrowDown}{ArrowDown}{Enter}");
    expect(onChoose).toHaveBeenCalledWith("aida");
  });

  it("can be disabled", async () => {
    render(<Menu label="Framework" value="auto" choices={CHOICES} onChoose={() => undefined} disabled />);
    await userEvent.click(screen.getByRole("button", { name: "Framework: Auto" }));
    expect(screen.queryByRole("menu")).not.toBeInTheDocument();
  });
});
