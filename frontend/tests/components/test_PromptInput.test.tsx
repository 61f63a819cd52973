/** The text field: which key sends, what is counted, what may be sent, and Stop. */
import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState, type ComponentProps } from "react";
import { PromptInput } from "@/components/chat/PromptInput";

const onSubmit = vi.fn();

function Field(props: Partial<ComponentProps<typeof PromptInput>> & { start?: string }) {
  const [text, setText] = useState(props.start ?? "");
  return (
    <PromptInput
      label="Your brief"
      placeholder="Say it"
      {...props}
      value={text}
      onChange={setText}
      onSubmit={onSubmit}
    />
  );
}

const box = () => screen.getByRole("textbox", { name: "Your brief" });
const send = () => screen.getByRole("button", { name: "Send" });

beforeEach(() => onSubmit.mockReset());

describe("PromptInput", () => {
  it("AC-5.1 sends on Enter and on the button; Shift+Enter breaks the line", async () => {
    render(<Field />);
    await userEvent.type(box(), "One{Shift>}{Enter}{/Shift}two");
    expect(onSubmit).not.toHaveBeenCalled();
    expect(box()).toHaveValue("One\ntwo");
    await userEvent.type(box(), "{Enter}");
    expect(onSubmit).toHaveBeenLastCalledWith("One\ntwo");
    expect(box()).toHaveValue("One\ntwo");
    await userEvent.click(send());
    expect(onSubmit).toHaveBeenCalledTimes(2);
  });

  it("leaves Enter to an input method that is composing", () => {
    render(<Field start="あ" />);
    fireEvent.keyDown(box(), { key: "Enter", isComposing: true });
    fireEvent.keyDown(box(), { key: "Enter", keyCode: 229 });
    expect(onSubmit).not.toHaveBeenCalled();
    fireEvent.keyDown(box(), { key: "Enter", keyCode: 13 });
    expect(onSubmit).toHaveBeenCalledTimes(1);
  });

  it("sends nothing for nothing", async () => {
    render(<Field start="   " />);
    expect(send()).toBeDisabled();
    await userEvent.type(box(), "{Enter}");
    expect(onSubmit).not.toHaveBeenCalled();
  });

  it("keeps the draft and sends nothing while a stage is computing", async () => {
    render(<Field start="Kept" disabled />);
    expect(send()).toBeDisabled();
    fireEvent.keyDown(box(), { key: "Enter" });
    expect(onSubmit).not.toHaveBeenCalled();
    expect(box()).toHaveValue("Kept");
  });

  it("counts from 4,500 characters on, an emoji as one", () => {
    const { unmount } = render(<Field start={"a".repeat(4499)} />);
    expect(screen.queryByText(/of 5,000/)).not.toBeInTheDocument();
    unmount();
    render(<Field start={"a".repeat(4499) + "🙂"} />);
    expect(screen.getByText("4,500 of 5,000 characters")).toBeInTheDocument();
  });

  it("takes 5,000 characters; at 5,001 it says what to do, cuts nothing and does not send", () => {
    const { unmount } = render(<Field start={"a".repeat(5000)} />);
    expect(send()).toBeEnabled();
    unmount();
    render(<Field start={"a".repeat(5001)} />);
    expect(send()).toBeDisabled();
    expect(box()).toBeInvalid();
    expect(box()).toHaveAccessibleDescription("1 character too many: shorten it to 5,000. Nothing has been cut.");
    fireEvent.keyDown(box(), { key: "Enter" });
    expect(onSubmit).not.toHaveBeenCalled();
    expect((box() as HTMLTextAreaElement).value).toHaveLength(5001);
  });

  it("says why a text can't be sent yet", () => {
    render(<Field start="Ready" blocked="One image is still uploading." />);
    expect(send()).toBeDisabled();
    expect(box()).toHaveAccessibleDescription("One image is still uploading.");
  });

  it("becomes Stop while something can be stopped", async () => {
    const onStop = vi.fn();
    render(<Field disabled onStop={onStop} />);
    expect(screen.queryByRole("button", { name: "Send" })).not.toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Stop" }));
    expect(onStop).toHaveBeenCalledTimes(1);
  });

  it("has the focus when asked to", () => {
    render(<Field takeFocus />);
    expect(box()).toHaveFocus();
  });
});
