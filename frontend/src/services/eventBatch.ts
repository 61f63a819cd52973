/**
 * Passing events are gathered for 100 ms, the latest a clip wins; a durable event takes what waits along at once, in
 * order. So a hundred messages a second cost ten renders. Tests: tests/services/test_eventBatch.test.ts
 */
import type { ServerEvent } from "@/api/types";

const GATHER_MS = 100;

export class EventBatch {
  private events: ServerEvent[] = [];
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(private readonly deliver: (events: ServerEvent[]) => void) {}

  add(event: ServerEvent): void {
    this.events = [...this.events.filter((each) => !replaces(event, each)), event];
    if (event.seq !== null) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  flush(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    const events = this.events;
    this.events = [];
    if (events.length) this.deliver(events);
  }
}

/** Progress of the same clip, and the line about the same work, replace what they overtake; written text never does. */
function replaces(event: ServerEvent, earlier: ServerEvent): boolean {
  if (event.seq !== null || event.generation_id !== earlier.generation_id) return false;
  if (event.type === "video_progress" && earlier.type === "video_progress") {
    return event.payload.clip_id === earlier.payload.clip_id && event.payload.status === earlier.payload.status;
  }
  return event.type === "progress_update" && earlier.type === "progress_update";
}

/** An event of the server; null for anything else, which is not ours to judge. */
export function parseEvent(data: unknown): ServerEvent | null {
  try {
    const value: unknown = JSON.parse(String(data));
    const known = typeof value === "object" && value !== null && "type" in value && "payload" in value;
    return known && typeof value.payload === "object" && value.payload ? (value as ServerEvent) : null;
  } catch {
    return null;
  }
}
