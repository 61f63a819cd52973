/** Copies an expiring link and says where it works. Tests: tests/services/test_share.test.ts */
import { useToasts } from "@/store/toastStore";

const LOCAL = new Set(["127.0.0.1", "localhost", "[::1]"]);

export async function share(url: string): Promise<void> {
  const where = LOCAL.has(new URL(url).hostname)
    ? "It works on this machine, for up to a day. To send the ad to somebody, download it."
    : "Whoever has it can watch the ad, for up to a day.";
  try {
    await navigator.clipboard.writeText(url);
    useToasts.getState().show({ text: `Link copied. ${where}`, tone: "info" });
  } catch {
    useToasts.getState().show({ text: `The browser did not let us copy. The link: ${url}`, tone: "error" });
  }
}
