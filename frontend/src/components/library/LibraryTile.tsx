/** One image of the library: choose it, rename and tag it, delete it after a second word. Tests: tests/components/test_LibraryPicker.test.tsx */
import { Check, Pencil, Trash2 } from "lucide-react";
import { useState } from "react";
import type { Asset } from "@/api/types";
import { Button, IconButton } from "@/components/ui/Button";
import { classes } from "@/components/ui/classes";
import { told } from "@/services/errors";
import { deleteImage, editImage } from "@/services/library";

interface LibraryTileProps {
  image: Asset;
  chosen: boolean;
  onToggle: () => void;
  onChanged: (image: Asset) => void;
  onDeleted: (id: string) => void;
}

export function LibraryTile({ image, chosen, onToggle, onChanged, onDeleted }: LibraryTileProps) {
  const [state, setState] = useState<"shown" | "editing" | "deleting">("shown");
  const [problem, setProblem] = useState("");
  const run = async (work: () => Promise<void>) => {
    try {
      await work();
      setState("shown");
      setProblem("");
    } catch (error) {
      setProblem(told(error));
    }
  };
  const used =
    image.use_count === 0 ? "Not used yet" : `Used in ${image.use_count} ${image.use_count === 1 ? "ad" : "ads"}`;
  return (
    <div className={classes("overflow-hidden rounded-control border", chosen ? "border-accent" : "border-line-strong")}>
      <button
        type="button"
        aria-pressed={chosen}
        aria-label={`Choose ${image.name}`}
        className="relative block w-full -outline-offset-2"
        onClick={onToggle}
      >
        <img
          src={image.url}
          alt=""
          width={240}
          height={160}
          loading="lazy"
          decoding="async"
          className="aspect-3/2 w-full bg-card object-contain"
        />
        {chosen && (
          <span className="absolute top-2 right-2 flex size-6 items-center justify-center rounded-full bg-accent text-on-accent">
            <Check size={14} aria-hidden />
          </span>
        )}
      </button>
      <div className="p-2">
        {state === "editing" ? (
          <Editing
            image={image}
            onCancel={() => setState("shown")}
            onSave={(change) => void run(async () => onChanged(await editImage(image.id, change)))}
          />
        ) : (
          <>
            <div className="flex items-start">
              <p className="min-w-0 flex-1 text-sm">
                <span className="block truncate" title={image.name}>
                  {image.name}
                </span>
                <span className="block text-xs text-ink-2">
                  {used} · {image.width} × {image.height}
                </span>
              </p>
              <IconButton label={`Rename or tag ${image.name}`} onClick={() => setState("editing")}>
                <Pencil size={14} aria-hidden />
              </IconButton>
              <IconButton label={`Delete ${image.name}`} onClick={() => setState("deleting")}>
                <Trash2 size={14} aria-hidden />
              </IconButton>
            </div>
            {image.tags.length > 0 && (
              <p className="truncate text-xs text-ink-2">{image.tags.map((tag) => `#${tag}`).join(" ")}</p>
            )}
          </>
        )}
        {state === "deleting" && (
          <div className="mt-2 flex flex-wrap gap-2">
            <Button
              variant="danger"
              onClick={() =>
                void run(async () => {
                  await deleteImage(image.id);
                  onDeleted(image.id);
                })
              }
            >
              Delete for good
            </Button>
            <Button variant="ghost" onClick={() => setState("shown")}>
              Keep
            </Button>
          </div>
        )}
        {problem && (
          <p role="alert" className="mt-1 text-xs text-poor">
            {problem}
          </p>
        )}
      </div>
    </div>
  );
}

interface EditingProps {
  image: Asset;
  onCancel: () => void;
  onSave: (change: { name?: string; tags: string[] }) => void;
}

function Editing({ image, onCancel, onSave }: EditingProps) {
  const [name, setName] = useState(image.name);
  const [tags, setTags] = useState(image.tags.join(", "));
  const field = "mt-0.5 min-h-8 w-full rounded-thumb border border-line-strong bg-canvas px-2 text-sm text-ink";
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        const words = tags.split(",").map((tag) => tag.trim());
        onSave({ ...(name.trim() && { name: name.trim() }), tags: words.filter(Boolean) });
      }}
    >
      <label className="text-xs text-ink-2">
        Name
        <input value={name} maxLength={120} onChange={(event) => setName(event.target.value)} className={field} />
      </label>
      <label className="text-xs text-ink-2">
        Tags, with commas
        <input value={tags} onChange={(event) => setTags(event.target.value)} className={field} />
      </label>
      <div className="flex gap-2">
        <Button type="submit" variant="primary">
          Save
        </Button>
        <Button variant="ghost" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
