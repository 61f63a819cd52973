/** Who makes the next ad, for how much at most, and whether a key is there. */
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { moneyProblem } from "@/components/money/choices";
import { ProviderSettings } from "@/components/money/ProviderSettings";
import { toRequest, useComposer } from "@/store/composerStore";
import { useStudio } from "@/store/studioStore";
import { sold } from "../fixtures/money";

const options = () => useComposer.getState().options;
const overrides = () => toRequest("An ad", options(), []).config.overrides;
const problem = () => moneyProblem(options(), useStudio.getState().view);
const group = (name: string) => within(screen.getByRole("group", { name }));

beforeEach(() => {
  useComposer.getState().clear();
  sold();
  render(<ProviderSettings />);
});

describe("ProviderSettings", () => {
  it("FR51 puts provider, model and cap of the clips into the request", async () => {
    await userEvent.click(group("Clips").getByRole("radio", { name: /^Replicate/ }));
    await userEvent.selectOptions(screen.getByLabelText("Model for clips"), "g/veo-big");
    await userEvent.type(screen.getByLabelText(/most this ad may spend/), "2.4");
    expect(overrides()).toEqual({ "providers.video": "replicate", "models.video": "g/veo-big", budget_usd: 2.4 });
    await userEvent.clear(screen.getByLabelText(/most this ad may spend/));
    expect(overrides()).not.toHaveProperty("budget_usd");
  });

  it("says what is free, what a model costs and who says so", async () => {
    expect(screen.getByText(/No keys, no cost/)).toBeInTheDocument();
    await userEvent.click(group("Clips").getByRole("radio", { name: /^Replicate/ }));
    expect(screen.getByRole("option", { name: "Veo · $0.10 a second" })).toBeInTheDocument();
    expect(screen.getByText("List price (a list). Not seen yet.")).toBeInTheDocument();
    expect(screen.getByText("Replicate: key is set")).toBeInTheDocument();
  });

  it("starts nothing that would buy without a cap before anybody is asked", async () => {
    expect(problem()).toBe("");
    await userEvent.click(group("Clips").getByRole("radio", { name: /^Replicate/ }));
    expect(problem()).toBe("");
    useComposer.getState().set({ interactive: false });
    expect(problem()).toMatch(/^A hands-free ad buys unasked/);
    await userEvent.type(screen.getByLabelText(/most this ad may spend/), "1");
    expect(problem()).toBe("");
  });

  it("names the variable of a key that is not there, and starts nothing with it", async () => {
    await userEvent.click(group("Clips").getByRole("radio", { name: /^Replicate/ }));
    sold({ key: "missing" });
    expect(await screen.findByText(/Set REPLICATE_API_TOKEN where the server is started/)).toBeInTheDocument();
    expect(problem()).toMatch(/^Replicate has no key: set REPLICATE_API_TOKEN/);
  });
});
