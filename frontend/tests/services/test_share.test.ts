/** Sharing copies the link and is honest about where it works. */
import { share } from "@/services/share";
import { useToasts } from "@/store/toastStore";

const told = () => useToasts.getState().toasts.at(-1);
const clipboard = (writeText: (text: string) => Promise<void>) =>
  Object.defineProperty(navigator, "clipboard", { value: { writeText }, configurable: true });

describe("share", () => {
  it("says that a link to this machine works on this machine", async () => {
    const copied: string[] = [];
    clipboard((text) => Promise.resolve(void copied.push(text)));
    await share("http://127.0.0.1:8000/media/a.mp4?sig=1");
    expect(copied).toEqual(["http://127.0.0.1:8000/media/a.mp4?sig=1"]);
    expect(told()?.text).toContain("It works on this machine");
  });

  it("says that others can watch where the server can be reached", async () => {
    clipboard(() => Promise.resolve());
    await share("https://ads.example.org/media/a.mp4");
    expect(told()?.text).toContain("Whoever has it can watch");
  });

  it("shows the link where the browser does not copy", async () => {
    clipboard(() => Promise.reject(new Error("denied")));
    await share("https://ads.example.org/media/a.mp4");
    expect(told()).toMatchObject({
      tone: "error",
      text: expect.stringContaining("https://ads.example.org/media/a.mp4") as string,
    });
  });
});
