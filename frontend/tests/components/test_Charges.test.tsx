/** A call that may have been charged: what each answer means, and which one is sent. */
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Charges } from "@/components/money/Charges";
import { AT, adAt, left, opened } from "../fixtures/generation";
import { CALL, COSTS } from "../fixtures/money";
import { ok, refusal } from "../fixtures/server";

afterEach(left);

async function shown() {
  const ad = adAt(AT.twoClips, { charges: [CALL] });
  const server = await opened(AT.twoClips, ad);
  render(<Charges generation={ad} />);
  return { server, path: `POST /api/generations/${ad.id}/charges/c1` };
}

describe("Charges", () => {
  it.each([
    ["Buy it again", "retry"],
    ["Leave it", "give_up"],
  ])("sends %s once", async (name, decision) => {
    const { server, path } = await shown();
    server.on(path, () => ok(COSTS, 202));
    expect(screen.getByText("Clip 2 may have been charged, up to $0.40")).toBeInTheDocument();
    expect(screen.getByText(/both count as spent, up to \$0.80 in all/)).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name }));
    await waitFor(() =>
      expect(server.asked.at(-1)?.body ?? server.asked.find((each) => each.body)?.body).toEqual({ decision }),
    );
    expect(screen.getByRole("button", { name })).toBeDisabled();
  });

  it("says why it was refused, and can be asked again", async () => {
    const { server, path } = await shown();
    server.on(path, () => refusal(409, "conflict", "This charge is settled already."));
    await userEvent.click(screen.getByRole("button", { name: "Leave it" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("This charge is settled already.");
    expect(screen.getByRole("button", { name: "Leave it" })).toBeEnabled();
  });
});
