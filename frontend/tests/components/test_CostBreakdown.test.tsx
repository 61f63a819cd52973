/** What was spent, and on what. */
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import "@/components/money/CostBreakdown"; // fetched already: what is lazy is tested elsewhere
import { Spent } from "@/components/money/Spent";
import { AT, adAt, left, opened } from "../fixtures/generation";
import { CALL, COSTS } from "../fixtures/money";
import { ok } from "../fixtures/server";

afterEach(left);

describe("Spent", () => {
  it("is only a sum while nothing was bought", () => {
    render(<Spent generation={adAt(AT.complete)} />);
    expect(screen.getByText("$0.00")).toBeInTheDocument();
    expect(screen.queryByRole("button")).not.toBeInTheDocument();
    expect(screen.queryByText("Cap")).not.toBeInTheDocument();
  });

  it("leads to each call, with where its figure comes from", async () => {
    const ad = adAt(AT.complete, { spending: { spent_usd: "0.4", reserved_usd: "0.4", cap_usd: "2" } });
    const server = await opened(AT.complete, ad);
    const unused = { ...CALL, id: "c2", what: "Clip 3", state: "unused" as const, message: "It was never ordered." };
    server.on(`GET /api/generations/${ad.id}/costs`, () => ok({ ...COSTS, calls: [...COSTS.calls, unused] }));
    render(<Spent generation={ad} />);
    expect(screen.getByText("On hold").nextSibling).toHaveTextContent("$0.40");
    await userEvent.click(screen.getByRole("button", { name: "$0.40 spent: see what was bought" }));
    expect((await screen.findByText("Clip 1")).closest("li")).toHaveTextContent("$0.40list price");
    expect(screen.getByText("Clip 2").closest("li")).toHaveTextContent("up to $0.40charge unknown");
    expect(screen.getByText("Clip 3").closest("li")).toHaveTextContent("It was never ordered.$0.00not needed");
  });
});
