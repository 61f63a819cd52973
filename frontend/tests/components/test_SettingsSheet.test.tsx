/** Settings of an ad: what reaches the request, what is refused before a run, and the way back to the defaults. */
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Composer } from "@/components/composer/Composer";
import { SettingsSheet } from "@/components/settings/SettingsSheet";
import { addressProblem, settingsProblem, thresholdProblem } from "@/components/settings/checks";
import { DEFAULTS, toRequest, useComposer } from "@/store/composerStore";
import { useStudio } from "@/store/studioStore";

const onClose = vi.fn();
const options = () => useComposer.getState().options;
const request = () => toRequest("An ad", options(), []);
const field = (name: RegExp) => screen.getByLabelText(name);

async function retype(name: RegExp, text: string) {
  await userEvent.clear(field(name));
  if (text) await userEvent.type(field(name), text);
}

beforeEach(() => {
  onClose.mockReset();
  useComposer.getState().clear();
  useStudio.setState({ view: null });
});

describe("SettingsSheet", () => {
  it("FR55 puts brand, call to action, address and seed into the request", async () => {
    render(<SettingsSheet onClose={onClose} />);
    await retype(/^Brand/, "Verde");
    await retype(/^Call to action/, "Order today");
    await retype(/^Address/, "verde.com/new");
    await retype(/^Seed/, "7");
    expect(request()).toMatchObject({ brand: "Verde", cta: "Order today", url: "verde.com/new", seed: 7 });
  });

  it("FR51 FR52 puts thresholds and iteration limits into the request, and takes them out again", async () => {
    render(<SettingsSheet onClose={onClose} />);
    await retype(/^Rounds for the story/, "1");
    await retype(/^Score the story needs/, "7.5");
    await retype(/^Green above/, "70");
    expect(request().config.overrides).toEqual({
      story_max_iterations: 1,
      story_threshold: 7.5,
      vbench_threshold_good: 70,
    });
    await retype(/^Rounds for the story/, "");
    expect(request().config.overrides).not.toHaveProperty("story_max_iterations");
  });

  it.each(["0", "11", "2.5", "many", "1e999"])("FR56 does not use %s rounds, and says what is legal", async (text) => {
    render(<SettingsSheet onClose={onClose} />);
    await retype(/^Rounds for the story/, text);
    expect(field(/^Rounds for the story/)).toBeInvalid();
    expect(field(/^Rounds for the story/)).toHaveAccessibleDescription(
      "A whole number from 1 to 10; not used as it is",
    );
    expect(request().config.overrides).toEqual({});
  });

  it("FR53 switches stages off and on, and goes through without stops", async () => {
    render(<SettingsSheet onClose={onClose} />);
    await userEvent.click(screen.getByRole("switch", { name: /^Render the film/ }));
    await userEvent.click(screen.getByRole("switch", { name: /^Make reference images/ }));
    await userEvent.click(screen.getByRole("switch", { name: /^Hands free/ }));
    expect(request().config.overrides).toEqual({ "stages.videos": false, "stages.reference_images": false });
    expect(request().interactive).toBe(false);
    await userEvent.click(screen.getByRole("switch", { name: /^Render the film/ }));
    expect(request().config.overrides).toEqual({ "stages.reference_images": false });
  });

  it("FR45 makes two variants that differ in opening, pace and framework", async () => {
    render(<SettingsSheet onClose={onClose} />);
    await userEvent.click(screen.getByRole("radio", { name: "2 variants" }));
    await userEvent.selectOptions(screen.getByLabelText("Pace of Variant B"), "Fast");
    await userEvent.selectOptions(screen.getByLabelText("Framework of Variant B"), "PAS");
    expect(request().variants).toEqual([
      { label: "Variant A", hook: 0, framework: null, pacing: null },
      { label: "Variant B", hook: 1, framework: "PAS", pacing: "fast" },
    ]);
    await userEvent.click(screen.getByRole("radio", { name: "One ad" }));
    expect(request().variants).toEqual([]);
  });

  it("FR51 turns scoring off, and says when there is no scorer anyway", async () => {
    render(<SettingsSheet onClose={onClose} />);
    expect(screen.getByText(/No scorer is installed/)).toBeInTheDocument();
    await userEvent.click(screen.getByRole("switch", { name: /^Score the clips/ }));
    expect(request().config.enable_vbench).toBe(false);
  });

  it("shows the server's own defaults in empty fields", () => {
    useStudio.setState({
      view: {
        providers: [],
        offers: [],
        models: {},
        cap_usd: "0",
        scorer: null,
        defaults: { story_max_iterations: 4 },
      } as never,
    });
    render(<SettingsSheet onClose={onClose} />);
    expect(field(/^Rounds for the story/)).toHaveAttribute("placeholder", "4");
    expect(field(/^Scenes/)).toHaveAttribute("placeholder", "auto");
  });

  it("goes back to the defaults, refused text included, and leaves what is chosen beside the text", async () => {
    useComposer.getState().set({ framework: "PAS", durationS: 15 });
    render(<SettingsSheet onClose={onClose} />);
    await retype(/^Brand/, "Verde");
    await retype(/^Rounds for the story/, "99");
    await userEvent.click(screen.getByRole("button", { name: "Back to defaults" }));
    expect(options()).toEqual({ ...DEFAULTS, framework: "PAS", durationS: 15 });
    expect(field(/^Rounds for the story/)).toHaveValue("");
    expect(field(/^Brand/)).toHaveValue("");
  });

  it("says that everything is made here, and closes", async () => {
    render(<SettingsSheet onClose={onClose} />);
    expect(screen.getByText(/made on this machine. No keys, no cost./)).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Done" }));
    expect(onClose).toHaveBeenCalledTimes(1);
  });

  it("opens from the composer", async () => {
    render(<Composer mode="new" placeholder="" onSend={() => true} />);
    await userEvent.click(screen.getByRole("button", { name: "Settings" }));
    const sheet = await screen.findByRole("dialog", { name: "Settings of this ad" });
    expect(within(sheet).getByLabelText(/^Brand/)).toBeInTheDocument();
  });
});

describe("what is refused before a run", () => {
  it.each(["yourshop.com", "https://yourshop.com/new", "shop.co.uk:8080/a?b", ""])("takes the address '%s'", (url) => {
    expect(addressProblem(url)).toBe("");
  });

  it.each(["yourshop", "ftp://yourshop.com", "your shop.com", "javascript:alert(1)", "https://"])(
    "refuses the address '%s'",
    (url) => {
      expect(addressProblem(url)).toContain("needs a domain");
    },
  );

  it("refuses yellow above green, against the shipped value too", () => {
    expect(thresholdProblem({ vbench_threshold_acceptable: 80 })).toBe("");
    expect(thresholdProblem({ vbench_threshold_acceptable: 81 })).toContain("Yellow from 81");
    expect(thresholdProblem({ vbench_threshold_good: 50 })).toContain("green above 50");
  });

  it("FR56 keeps the brief from being sent, with the reason", async () => {
    useComposer.getState().set({ url: "yourshop" });
    useComposer.getState().write("An ad");
    const onSend = vi.fn(() => true);
    render(<Composer mode="new" placeholder="" onSend={onSend} />);
    await userEvent.type(screen.getByRole("textbox", { name: "Your brief" }), "{Enter}");
    expect(onSend).not.toHaveBeenCalled();
    expect(screen.getByText(settingsProblem(options()))).toHaveTextContent("needs a domain");
  });
});
