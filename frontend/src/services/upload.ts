/** Brand images on their way to the server: checked here first, so that a refusal is quick and says why. Tests: tests/services/test_upload.test.ts */
import type { Asset } from "@/api/types";
import { useComposer, type Attachment, type Role } from "@/store/composerStore";
import { useStudio } from "@/store/studioStore";
import { failure } from "./api";
import { told } from "./errors";
import { newId } from "./ids";

const TYPES = new Set(["image/jpeg", "image/png", "image/webp"]);
/** Some systems give a file no type. */
const NAMES = /\.(jpe?g|png|webp)$/i;
const MB = 1024 * 1024;
const FILE_BYTES = 10 * MB;
const TOTAL_BYTES = 50 * MB;
const IMAGES = 10;

/** Why a file is refused; empty when it is fine. `others` are the images that the ad has already. */
export function refusal(file: File, others: Pick<Attachment, "sizeBytes">[]): string {
  const limits = useStudio.getState().view?.limits;
  const [each, all] = [limits?.file_bytes ?? FILE_BYTES, limits?.total_bytes ?? TOTAL_BYTES];
  const most = limits?.images ?? IMAGES;
  const taken = others.reduce((sum, other) => sum + other.sizeBytes, 0);
  if (file.type ? !TYPES.has(file.type) : !NAMES.test(file.name)) return "is not a JPEG, PNG or WebP picture.";
  if (file.size === 0) return "is empty.";
  if (file.size > each) return `is ${megabytes(file.size)}; ${megabytes(each)} is the most for one picture.`;
  if (others.length >= most) return `is one too many; an ad takes ${most} images.`;
  if (taken + file.size > all) return `would make it more than ${megabytes(all)} in all; remove another picture first.`;
  return "";
}

/** Rounded up: what is over a limit must not read as if it were not. */
function megabytes(bytes: number): string {
  return `${Math.ceil((bytes / MB) * 10) / 10} MB`;
}

/** What a picture probably shows, by its name. */
export function roleOf(name: string): Role {
  return /logo/i.test(name) ? "logo" : "product";
}

const running = new Map<string, XMLHttpRequest>();

/** Take files into the composer; each shows its own progress or its own reason. */
export function attachFiles(files: Iterable<File>): void {
  const { attach } = useComposer.getState();
  for (const file of files) {
    const others = useComposer.getState().attachments.filter((each) => each.state !== "refused");
    const reason = refusal(file, others);
    const attachment: Attachment = {
      key: newId(),
      name: file.name,
      role: roleOf(file.name),
      preview: reason ? "" : URL.createObjectURL(file),
      sizeBytes: file.size,
      progress: 0,
      state: reason ? "refused" : "uploading",
      reason,
      asset: null,
    };
    attach(attachment);
    if (!reason) send(attachment, file);
  }
}

/** Take an image out again; its upload stops. The library keeps what had arrived. */
export function detach(key: string): void {
  const { attachments, remove } = useComposer.getState();
  const found = attachments.find((each) => each.key === key);
  running.get(key)?.abort();
  running.delete(key);
  if (found?.preview.startsWith("blob:")) URL.revokeObjectURL(found.preview);
  remove(key);
}

function send({ key, role, preview }: Attachment, file: File): void {
  const { change } = useComposer.getState();
  const form = new FormData();
  form.append("kind", role);
  form.append("files", file);
  // fetch tells no progress of what is sent.
  const request = new XMLHttpRequest();
  running.set(key, request);
  const refuse = (reason: string) => {
    running.delete(key);
    URL.revokeObjectURL(preview);
    change(key, { state: "refused", reason, preview: "" });
  };
  request.upload.onprogress = ({ loaded, total }) => change(key, { progress: total ? loaded / total : 0 });
  request.onload = () => {
    running.delete(key);
    const body = parsed(request.responseText);
    const asset = (body as { data?: Asset[] } | null)?.data?.[0];
    if (request.status === 201 && asset) change(key, { state: "ready", progress: 1, asset });
    else refuse(`was not taken: ${told(failure({ data: body, response: answer(request) }))}`);
  };
  request.onerror = () => refuse("could not be sent: the server can't be reached.");
  request.open("POST", "/api/assets/upload");
  request.send(form);
}

function answer(request: XMLHttpRequest): Response {
  const after = request.getResponseHeader("Retry-After");
  return new Response(null, { status: request.status || 500, headers: after ? { "Retry-After": after } : {} });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
