/** A failure: what happened, the next step, what is kept, details on demand. */
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { ErrorCard } from "@/components/chat/ErrorCard";
import type { FeedItem } from "@/store/model";
import { AT, adAt, left, opened } from "../fixtures/generation";
import { ok } from "../fixtures/server";

type ErrorItem = Extract<FeedItem, { kind: "error" }>;
const item: ErrorItem = {
  kind: "error",
  key: "error-9",
  code: "media_error",
  text: "Clip 3 of 4 failed.",
  hint: "Look at its log.",
  retryable: true,
};

afterEach(left);

describe("ErrorCard", () => {
  it("tells cause, hint and what is kept, and tries again on request", async () => {
    const ad = adAt(AT.twoClips, { actions: ["resume"], feed: [item] });
    const server = await opened(AT.twoClips, ad);
    server.on(`POST /api/generations/${ad.id}/resume`, () => ok({ generation_id: ad.id, accepted: true }, 202));
    render(<ErrorCard item={item} generation={ad} />);
    expect(screen.getByText("Clip 3 of 4 failed.")).toBeInTheDocument();
    expect(screen.getByText("Look at its log.")).toBeInTheDocument();
    expect(screen.getByText("Everything that was finished is kept.")).toBeInTheDocument();
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(server.times(`POST /api/generations/${ad.id}/resume`)).toBe(1);
  });

  it("says once what is kept, and nothing of the command line", () => {
    const hint = "The others are kept. `admint resume` makes only what is missing.";
    render(<ErrorCard item={{ ...item, hint }} generation={adAt(AT.twoClips)} />);
    expect(screen.getByText("The others are kept.")).toBeInTheDocument();
    expect(screen.getByRole("region", { name: "Problem" })).not.toHaveTextContent(/admint resume|Everything/);
  });

  it("copies code and id", async () => {
    const user = userEvent.setup();
    const ad = adAt(AT.twoClips);
    render(<ErrorCard item={item} generation={ad} />);
    await user.click(screen.getByText("Details"));
    await user.click(screen.getByRole("button", { name: "Copy" }));
    expect(await navigator.clipboard.readText()).toBe(`code: media_error\ngeneration: ${ad.id}`);
    expect(screen.getByRole("button", { name: "Copied" })).toBeInTheDocument();
  });

  it("gives code and id for who asks for help", () => {
    const ad = adAt(AT.twoClips);
    render(<ErrorCard item={item} generation={ad} />);
    const details = screen.getByText("Details").closest("details");
    expect(details).toHaveTextContent("media_error");
    expect(details).toHaveTextContent(ad.id);
    expect(details).not.toHaveAttribute("open");
  });

  it("offers a retry on the latest failure alone", () => {
    const feed: FeedItem[] = [item, { ...item, key: "error-12" }];
    render(<ErrorCard item={item} generation={adAt(AT.twoClips, { actions: ["resume"], feed })} />);
    expect(screen.queryByRole("button", { name: "Try again" })).not.toBeInTheDocument();
  });
});
