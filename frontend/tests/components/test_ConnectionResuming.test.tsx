import { render, screen } from "@testing-library/react";
import { Resuming } from "@/components/connection/Resuming";

it("AC-5.6 says that the session is being resumed", () => {
  const { container } = render(<Resuming />);
  expect(screen.getByText("Resuming generation session...")).toBeVisible();
  expect(container.querySelector(".animate-breathe")).toHaveAttribute("aria-hidden", "true");
});
