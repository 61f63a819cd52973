/** Images in the composer: role, progress, removal, one logo, and what was refused. */
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { Asset } from "@/api/types";
import { Attachments } from "@/components/composer/Attachments";
import { toRequest, useComposer, type Attachment } from "@/store/composerStore";

function image(name: string, part: Partial<Attachment> = {}): Attachment {
  const asset = { id: `id-${name}` } as Asset;
  const rest = { sizeBytes: 10, progress: 1, reason: "", preview: "/media/a.png", asset };
  return { key: name, name, role: "product", state: "ready", ...rest, ...part };
}

const attach = (...images: Attachment[]) => images.forEach(useComposer.getState().attach);
const request = () => {
  const { options, attachments } = useComposer.getState();
  return toRequest("An ad", options, attachments).brand_assets;
};

beforeEach(() => useComposer.getState().clear());

describe("Attachments", () => {
  it("shows nothing without images", () => {
    const { container } = render(<Attachments />);
    expect(container).toBeEmptyDOMElement();
  });

  it("FR114 puts an image into the request under the role that was chosen", async () => {
    attach(image("a.png"), image("b.png"));
    render(<Attachments />);
    await userEvent.selectOptions(screen.getByLabelText("What b.png shows"), "Logo");
    expect(request()).toEqual({ product_images: ["id-a.png"], logo: "id-b.png", character_images: [] });
  });

  it("says how far an upload is, by name", () => {
    attach(image("a.png", { state: "uploading", progress: 0.4, asset: null }));
    render(<Attachments />);
    expect(screen.getByRole("progressbar", { name: "Uploading a.png" })).toHaveAttribute("aria-valuenow", "40");
    expect(request().product_images).toEqual([]);
  });

  it("says that one logo is used when two are given", async () => {
    attach(image("a.png", { role: "logo" }), image("b.png", { role: "logo" }));
    render(<Attachments />);
    expect(screen.getByText("An ad has one logo: the first is used.")).toBeInTheDocument();
    expect(request().logo).toBe("id-a.png");
    await userEvent.click(screen.getByRole("button", { name: "Remove b.png" }));
    expect(screen.queryByText(/one logo/)).not.toBeInTheDocument();
  });

  it("tells why an image was refused, HTML in its name as text, until it is dismissed", async () => {
    const name = "<b>logo</b>.tiff";
    attach(image(name, { state: "refused", reason: "is not a JPEG, PNG or WebP picture.", asset: null, preview: "" }));
    render(<Attachments />);
    expect(screen.getByRole("alert")).toHaveTextContent("<b>logo</b>.tiff is not a JPEG, PNG or WebP picture.");
    await userEvent.click(screen.getByRole("button", { name: `Dismiss ${name}` }));
    expect(screen.queryByRole("alert")).not.toBeInTheDocument();
  });
});
