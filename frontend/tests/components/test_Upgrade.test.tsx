/** Chosen scenes of a finished draft, bought. */
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { UpgradeButton } from "@/components/money/UpgradeButton";
import { Upgrade } from "@/components/money/Upgrade";
import { AT, adAt, left, opened } from "../fixtures/generation";
import { OFFER, sold } from "../fixtures/money";
import { ok, refusal } from "../fixtures/server";

afterEach(left);

const onClose = vi.fn();

async function shown() {
  onClose.mockReset();
  const ad = adAt(AT.complete, { actions: ["upgrade"] });
  const server = await opened(AT.complete, ad);
  server.on(`GET /api/generations/${ad.id}/quote`, ({ query }) => {
    const items = OFFER.items.filter(({ clip_id: id }) => query.get("scenes")?.split(",").includes(String(id)));
    const total = String(0.4 * items.length);
    return ok({ ...OFFER, items, total_usd: total, worst_usd: total, digest: query.get("scenes") });
  });
  render(<Upgrade generation={ad} onClose={onClose} />);
  return { server, path: `POST /api/generations/${ad.id}/upgrade` };
}

describe("Upgrade", () => {
  it("buys only the chosen scenes, at the price on screen, with the cap that holds it", async () => {
    sold();
    const { server, path } = await shown();
    server.on(path, () => ok({ generation_id: "g", accepted: true }, 202));
    expect(screen.getByRole("button", { name: "Choose a scene" })).toBeDisabled();
    await userEvent.click(screen.getByRole("checkbox", { name: "Scene 2" }));
    await userEvent.click(await screen.findByRole("button", { name: "Buy 1 clip · up to $0.40" }));
    await waitFor(() => expect(onClose).toHaveBeenCalled());
    expect(server.asked.find(({ method }) => method === "POST")?.body).toEqual({
      scene_ids: [2],
      provider: "replicate",
      quote_digest: "2",
      cap_usd: 0.8,
    });
  });

  it("asks for the price again when it has changed, and buys nothing", async () => {
    sold();
    const { server, path } = await shown();
    server.on(path, () => refusal(409, "conflict", "The price is another one than you saw, so nothing was bought."));
    await userEvent.click(screen.getByRole("checkbox", { name: "Scene 1" }));
    await userEvent.click(await screen.findByRole("button", { name: /^Buy 1 clip · up/ }));
    expect(await screen.findByRole("alert")).toHaveTextContent("nothing was bought");
    await waitFor(() => expect(server.asked.filter(({ path: at }) => at.endsWith("/quote"))).toHaveLength(2));
    expect(onClose).not.toHaveBeenCalled();
  });

  it("names the variable where there is no key", async () => {
    sold({ key: "missing" });
    await shown();
    expect(screen.getByText(/Set REPLICATE_API_TOKEN in the server's environment/)).toBeInTheDocument();
    expect(screen.queryByRole("checkbox")).not.toBeInTheDocument();
  });

  it("is offered where anybody sells clips and the server allows it", () => {
    sold();
    const ad = adAt(AT.complete, { actions: ["upgrade"] });
    const { rerender } = render(<UpgradeButton generation={ad} />);
    expect(screen.getByRole("button", { name: "Upgrade scenes" })).toBeInTheDocument();
    rerender(<UpgradeButton generation={{ ...ad, actions: [] }} />);
    expect(screen.queryByRole("button")).not.toBeInTheDocument();
  });
});
