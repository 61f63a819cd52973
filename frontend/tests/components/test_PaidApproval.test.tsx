/** The scenes gate where clips cost money. */
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { PaidApproval } from "@/components/money/PaidApproval";
import type { Generation } from "@/store/model";
import { AT, adAt, left, opened, sending } from "../fixtures/generation";
import { COSTS, QUOTE, sold } from "../fixtures/money";
import { ok, refusal, type FakeServer } from "../fixtures/server";

afterEach(left);

const gate = { stage: "scenes" as const, draft_digest: "draft", quote: QUOTE };
const button = () => screen.getByRole("button", { name: /^Render 4 clips/ });

async function shown(costs: object = {}, blocked = false): Promise<{ ad: Generation; server: FakeServer }> {
  const ad = adAt(AT.scenes, { gate });
  const server = await opened(AT.scenes, ad);
  sold();
  server.on(`GET /api/generations/${ad.id}/costs`, () => ok({ ...COSTS, ...costs }));
  render(<PaidApproval generation={ad} label="Render 4 clips" blocked={blocked} />);
  await screen.findByLabelText(/most this ad may spend/);
  return { ad, server };
}

describe("PaidApproval", () => {
  it("shows each clip's price, the worst case, and what is spent already", async () => {
    await shown();
    expect(screen.getByRole("row", { name: "Clip 2 Veo 4 s $0.40" })).toBeInTheDocument();
    expect(
      screen.getByText("Includes its opening picture, $0.15. Filmed 4 s long and cut to 3 s."),
      "what will be otherwise is said before it is paid",
    ).toBeInTheDocument();
    expect(screen.getByRole("row", { name: "Expected in all $0.80" })).toBeInTheDocument();
    expect(screen.getByRole("row", { name: /^At worst.* \$1\.60$/ })).toBeInTheDocument();
    expect(screen.getByText("$0.40 spent so far. Today $1.00 of your $20.00.")).toBeInTheDocument();
  });

  it("approves nothing under a cap that does not hold it", async () => {
    await shown();
    const field = screen.getByLabelText(/most this ad may spend/);
    await userEvent.clear(field);
    expect(field).toHaveAccessibleDescription("Set a cap first: at least $1.20.");
    await userEvent.type(field, "1");
    expect(field).toHaveAccessibleDescription("A cap of $1.00 does not hold this. It takes at least $1.20.");
    expect(button()).toBeDisabled();
    expect(sending()).toEqual([]);
  });

  it("sets the cap, then approves, with the most it can cost on the button", async () => {
    const { ad, server } = await shown();
    const path = `POST /api/generations/${ad.id}/cap`;
    server.on(path, () => ok(COSTS, 202));
    expect(button()).toHaveTextContent("Render 4 clips · up to $1.60");
    await userEvent.click(button());
    await waitFor(() => expect(sending()).toMatchObject([{ stage: "scenes", action: "approve" }]));
    expect(server.asked.find(({ method }) => method === "POST")?.body).toEqual({ cap_usd: 2 });
  });

  it("leaves a cap alone that holds it, and approves nothing when the server refuses one", async () => {
    const { ad, server } = await shown({ cap_usd: "5" });
    expect(screen.getByLabelText(/most this ad may spend/)).toHaveValue("5.00");
    await userEvent.type(screen.getByLabelText(/most this ad may spend/), "1");
    server.on(`POST /api/generations/${ad.id}/cap`, () => refusal(409, "conflict", "Not now.", "Try later."));
    await userEvent.click(button());
    expect(await screen.findByRole("alert")).toHaveTextContent("Not now. Try later.");
    expect(sending()).toEqual([]);
  });

  it("waits for an edit to be finished", async () => {
    await shown({ cap_usd: "5" }, true);
    expect(button()).toBeDisabled();
    expect(screen.getByText("Save or cancel your edit first.")).toBeInTheDocument();
  });
});
