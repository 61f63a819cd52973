/** The ad's own images in the composer: picture, role, progress or the reason of a refusal. Tests: tests/components/test_Attachments.test.tsx */
import { TriangleAlert, X } from "lucide-react";
import { IconButton } from "@/components/ui/Button";
import { detach } from "@/services/upload";
import { useComposer, type Attachment, type Role } from "@/store/composerStore";

const ROLES: { value: Role; label: string }[] = [
  { value: "product", label: "Product" },
  { value: "logo", label: "Logo" },
  { value: "character", label: "Person" },
];

export function Attachments() {
  const attachments = useComposer((state) => state.attachments);
  if (!attachments.length) return null;
  const logos = attachments.filter((each) => each.role === "logo" && each.state !== "refused").length;
  return (
    <div className="mb-2">
      <ul aria-label="Images of this ad" className="flex flex-wrap gap-2">
        {attachments.map((each) => (
          <li key={each.key}>
            {each.state === "refused" ? <Refused attachment={each} /> : <Image attachment={each} />}
          </li>
        ))}
      </ul>
      {logos > 1 && <p className="mt-2 text-sm text-fair">An ad has one logo: the first is used.</p>}
    </div>
  );
}

function Image({ attachment: { key, name, role, preview, progress, state } }: { attachment: Attachment }) {
  const change = useComposer((store) => store.change);
  return (
    <div className="flex items-center gap-2 rounded-control border border-line-strong bg-card p-1.5 pr-1">
      <img src={preview} alt="" width={44} height={44} className="size-11 rounded-thumb bg-raised object-contain" />
      <div className="w-28">
        <p className="truncate text-xs" title={name}>
          {name}
        </p>
        {state === "uploading" ? (
          <div
            role="progressbar"
            aria-label={`Uploading ${name}`}
            aria-valuemin={0}
            aria-valuemax={100}
            aria-valuenow={Math.round(progress * 100)}
            className="mt-1.5 h-1 overflow-hidden rounded-full bg-raised"
          >
            <div className="h-full origin-left bg-accent" style={{ transform: `scaleX(${progress})` }} />
          </div>
        ) : (
          <select
            aria-label={`What ${name} shows`}
            value={role}
            onChange={(event) => change(key, { role: event.target.value as Role })}
            className="min-h-8 rounded-thumb bg-transparent text-xs text-ink-2"
          >
            {ROLES.map(({ value, label }) => (
              <option key={value} value={value} className="bg-raised">
                {label}
              </option>
            ))}
          </select>
        )}
      </div>
      <IconButton label={`Remove ${name}`} onClick={() => detach(key)}>
        <X size={14} aria-hidden />
      </IconButton>
    </div>
  );
}

function Refused({ attachment: { key, name, reason } }: { attachment: Attachment }) {
  return (
    <div
      role="alert"
      className="flex max-w-full items-center gap-2 rounded-control border border-poor/40 bg-poor-soft p-1.5 pl-3 text-sm"
    >
      <TriangleAlert size={14} className="shrink-0 text-poor" aria-hidden />
      <span className="min-w-0 break-words">
        {name} {reason}
      </span>
      <IconButton label={`Dismiss ${name}`} onClick={() => detach(key)}>
        <X size={14} aria-hidden />
      </IconButton>
    </div>
  );
}
