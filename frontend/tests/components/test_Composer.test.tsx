/** The composer: options per mode, what is kept and cleared, why a brief waits, and the reason of a refusal. */
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Composer } from "@/components/composer/Composer";
import { ApiError } from "@/services/errors";
import { toRequest, useComposer, type Attachment } from "@/store/composerStore";

const uploading: Attachment = {
  key: "k",
  name: "a.png",
  role: "product",
  preview: "blob:a",
  sizeBytes: 10,
  progress: 0.4,
  state: "uploading",
  reason: "",
  asset: null,
};

const box = () => screen.getByRole("textbox", { name: /^Your (brief|answer)$/ });
const options = () => useComposer.getState().options;

// The list of a menu is loaded on first use, which takes its time on a busy machine.
async function choose(menu: RegExp, choice: RegExp) {
  await userEvent.click(screen.getByRole("button", { name: menu }));
  await userEvent.click(await screen.findByRole("menuitemradio", { name: choice }));
}

beforeEach(() => useComposer.getState().clear());

describe("Composer", () => {
  it("clears the text once it was taken and keeps it when it was not", async () => {
    const onSend = vi.fn().mockResolvedValueOnce(false).mockResolvedValueOnce(true);
    render(<Composer mode="gate" placeholder="" onSend={onSend} />);
    await userEvent.type(box(), "Make it calmer{Enter}");
    expect(onSend).toHaveBeenCalledWith("Make it calmer");
    expect(box()).toHaveValue("Make it calmer");
    await userEvent.type(box(), "{Enter}");
    await waitFor(() => expect(box()).toHaveValue(""));
  });

  it("keeps what was typed while the text before it was on its way", async () => {
    let answer: (taken: boolean) => void = () => undefined;
    const onSend = () => new Promise<boolean>((resolve) => (answer = resolve));
    render(<Composer mode="gate" placeholder="" onSend={onSend} />);
    await userEvent.type(box(), "First{Enter}");
    await userEvent.type(box(), " and second");
    answer(true);
    await waitFor(() => expect(useComposer.getState().text).toBe("First and second"));
  });

  it("FR56 shows the reason of a refusal as text, with the next step and each field", () => {
    const problem = new ApiError("<b>The request</b> is not legal.", "invalid", 400, "Nothing was started.", 30, [
      { where: "url", message: "needs a domain" },
    ]);
    render(<Composer mode="new" placeholder="" onSend={() => true} problem={problem} />);
    const alert = screen.getByRole("alert");
    expect(alert).toHaveTextContent("<b>The request</b> is not legal.");
    expect(alert).toHaveTextContent("Nothing was started. Try again in 30 s.");
    expect(alert).toHaveTextContent("url: needs a domain");
    expect(alert.querySelector("b")).toBeNull();
  });

  it("sends script tags as the text they are", async () => {
    const onSend = vi.fn(() => true);
    render(<Composer mode="new" placeholder="" onSend={onSend} />);
    const text = "<script>alert(1)</script> shoes";
    await userEvent.type(box(), text.replaceAll("{", "{{"));
    await userEvent.keyboard("{Enter}");
    expect(onSend).toHaveBeenCalledWith(text);
    expect(document.querySelector("script")).toBeNull();
  });

  it("waits for images that are still uploading, and says so", async () => {
    useComposer.getState().attach(uploading);
    useComposer.getState().write("An ad for shoes");
    const onSend = vi.fn(() => true);
    render(<Composer mode="new" placeholder="" onSend={onSend} />);
    expect(box()).toHaveAccessibleDescription("One image is still uploading.");
    await userEvent.type(box(), "{Enter}");
    expect(onSend).not.toHaveBeenCalled();
  });

  it("an upload does not hold up an answer at a gate", async () => {
    useComposer.getState().attach(uploading);
    const onSend = vi.fn(() => true);
    render(<Composer mode="gate" placeholder="" onSend={onSend} />);
    await userEvent.type(box(), "Fine{Enter}");
    expect(onSend).toHaveBeenCalledWith("Fine");
  });

  it("has no options at a gate or while a stage computes", () => {
    const { rerender } = render(<Composer mode="gate" placeholder="" onSend={() => true} />);
    expect(screen.queryByRole("button", { name: "Settings" })).not.toBeInTheDocument();
    rerender(<Composer mode="working" placeholder="" onSend={() => true} onStop={() => undefined} />);
    expect(screen.queryByRole("button", { name: "Settings" })).not.toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Stop" })).toBeInTheDocument();
  });
});

describe("the options under the text", () => {
  beforeEach(() => render(<Composer mode="new" placeholder="" onSend={() => true} />));

  it("FR54 chooses framework, length and shape, and back to automatic", async () => {
    await choose(/^Framework/, /^PAS/);
    await choose(/^Length/, /^15 s/);
    await choose(/^Shape/, /^9:16/);
    expect(options()).toMatchObject({ framework: "PAS", durationS: 15, aspectRatio: "9:16" });
    await choose(/^Framework/, /unless your sentence/);
    await choose(/^Length/, /From your sentence/);
    await choose(/^Shape/, /From your sentence/);
    expect(options()).toMatchObject({ framework: null, durationS: null, aspectRatio: null });
  });

  it("FR54 asks for the beats of a framework of one's own before it sends", async () => {
    await choose(/^Framework/, /^Your own/);
    await userEvent.type(box(), "An ad for shoes");
    expect(screen.getByRole("button", { name: "Send" })).toBeDisabled();
    expect(box()).toHaveAccessibleDescription("Your framework needs its beats.");
    await userEvent.type(screen.getByLabelText("Your beats, in order"), "rain, dry feet, buy");
    expect(screen.getByRole("button", { name: "Send" })).toBeEnabled();
    expect(toRequest("An ad", options(), []).framework_text).toBe("rain, dry feet, buy");
  });

  it("takes files from the chooser, refused ones with their reason", async () => {
    const user = userEvent.setup({ applyAccept: false });
    const name = "<img src=x onerror=alert(1)>.tiff";
    await user.upload(screen.getByLabelText("Choose images"), new File(["x"], name, { type: "image/tiff" }));
    expect(await screen.findByText(`${name} is not a JPEG, PNG or WebP picture.`)).toBeInTheDocument();
    expect(document.querySelector("[onerror]")).toBeNull();
  });
});
