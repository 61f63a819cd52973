/** The user's images: find, choose several, rename, tag, delete. Tests: tests/components/test_LibraryPicker.test.tsx */
import { useEffect, useState } from "react";
import type { Asset } from "@/api/types";
import { Button } from "@/components/ui/Button";
import { Dialog } from "@/components/ui/Dialog";
import { told } from "@/services/errors";
import { listImages, type LibraryQuery } from "@/services/library";
import { useComposer, type Role } from "@/store/composerStore";
import { LibraryTile } from "./LibraryTile";

const WAIT_MS = 200;
const KINDS: { value: Role | ""; label: string }[] = [
  { value: "", label: "All" },
  { value: "product", label: "Products" },
  { value: "logo", label: "Logos" },
  { value: "character", label: "People" },
];
const FIELD = "min-h-9 rounded-control border border-line-strong bg-card px-3 text-sm placeholder:text-ink-3";

export function LibraryPicker({ onClose }: { onClose: () => void }) {
  const [search, setSearch] = useState("");
  const [kind, setKind] = useState<Role | "">("");
  const [tag, setTag] = useState("");
  const list = useImages(search, kind, tag);
  const [chosen, setChosen] = useState<Asset[]>([]);
  const attach = useComposer((state) => state.attach);
  const remove = useComposer((state) => state.remove);
  const used = useComposer((state) => state.attachments);
  const toggle = (image: Asset) =>
    setChosen((before) =>
      before.some((each) => each.id === image.id) ? before.filter((each) => each.id !== image.id) : [...before, image],
    );
  const use = () => {
    for (const image of chosen) {
      if (used.some((each) => each.asset?.id === image.id)) continue;
      const { id, name, kind: role, url: preview, size_bytes: sizeBytes } = image;
      attach({ key: id, name, role, preview, sizeBytes, progress: 1, state: "ready", reason: "", asset: image });
    }
    onClose();
  };
  const count = chosen.length;
  return (
    <Dialog
      title="Your images"
      wide
      onClose={onClose}
      footer={
        <Button variant="primary" disabled={!count} onClick={use}>
          {count ? `Use ${count} ${count === 1 ? "image" : "images"}` : "Choose images"}
        </Button>
      }
    >
      <div className="flex flex-wrap gap-3">
        <input
          aria-label="Search by name"
          placeholder="Search by name"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
          className={`min-w-48 flex-1 ${FIELD}`}
        />
        <input
          aria-label="Tag"
          placeholder="Tag"
          value={tag}
          maxLength={40}
          onChange={(event) => setTag(event.target.value)}
          className={`w-32 ${FIELD}`}
        />
        <select
          aria-label="Kind"
          value={kind}
          onChange={(event) => setKind(event.target.value as Role | "")}
          className={FIELD}
        >
          {KINDS.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </div>
      {list.problem && (
        <p role="alert" className="mt-3 text-sm text-poor">
          {list.problem}
        </p>
      )}
      {list.loaded && !list.images.length && (
        <p className="py-12 text-center text-ink-2">
          {search || kind || tag ? "Nothing matches." : "No images yet. Drop some onto the page; they are kept here."}
        </p>
      )}
      <ul className="mt-4 grid grid-cols-2 gap-4 sm:grid-cols-3">
        {list.images.map((image) => (
          <li key={image.id}>
            <LibraryTile
              image={image}
              chosen={chosen.some((each) => each.id === image.id)}
              onToggle={() => toggle(image)}
              onChanged={list.change}
              onDeleted={(id) => {
                list.drop(id);
                for (const each of used) if (each.asset?.id === id) remove(each.key);
                setChosen((before) => before.filter((each) => each.id !== id));
              }}
            />
          </li>
        ))}
      </ul>
      {list.more && (
        <div className="mt-4 flex justify-center">
          <Button onClick={list.more}>Load more</Button>
        </div>
      )}
    </Dialog>
  );
}

function useImages(search: string, kind: Role | "", tag: string) {
  const [images, setImages] = useState<Asset[]>([]);
  const [next, setNext] = useState<string | null>(null);
  const [loaded, setLoaded] = useState(false);
  const [problem, setProblem] = useState("");
  const query = {
    ...(search.trim() && { search: search.trim() }),
    ...(kind && { kind }),
    ...(tag.trim() && { tag: tag.trim() }),
  };
  const asked = JSON.stringify(query);
  useEffect(() => {
    let stale = false;
    const timer = setTimeout(() => {
      listImages(JSON.parse(asked) as LibraryQuery).then(
        (page) => {
          if (stale) return;
          setImages(page.images);
          setNext(page.next);
          setLoaded(true);
          setProblem("");
        },
        (error: unknown) => !stale && setProblem(told(error)),
      );
    }, WAIT_MS);
    return () => {
      stale = true;
      clearTimeout(timer);
    };
  }, [asked]);
  const more = () => {
    if (!next) return;
    listImages({ ...query, cursor: next }).then(
      (page) => {
        setImages((before) => [...before, ...page.images]);
        setNext(page.next);
      },
      (error: unknown) => setProblem(told(error)),
    );
  };
  const change = (image: Asset) => setImages((before) => before.map((each) => (each.id === image.id ? image : each)));
  const drop = (id: string) => setImages((before) => before.filter((each) => each.id !== id));
  return { images, loaded, problem, more: next ? more : null, change, drop };
}
