/**
 * Follows a session by HTTP where no socket can be had, a proxy without WebSockets for example (NFR I2): every two
 * seconds what is new, and words by POST. Stops when the socket connects. Tests: tests/services/test_polling.test.ts
 */
import type { ServerEvent, UserFeedbackMessage } from "@/api/types";
import type { ConnectionState } from "@/store/model";
import { api, unwrap } from "./api";
import { ApiError, told } from "./errors";

const EVERY_MS = 2000;
/** So many dials must fail before polling is tried: a server that restarts is back sooner. */
const AFTER_DIALS = 2;
/** A socket is tried again after so many turns: half a minute. */
const REDIAL_TURNS = 15;

interface PollPlan {
  sessionId: string;
  lastSeq: () => number;
  onEvents: (events: ServerEvent[]) => void;
  waiting: () => readonly UserFeedbackMessage[];
  onDelivered: (messageId: string) => void;
  onRefused: (messageId: string, text: string) => void;
  /** Try the socket again. */
  onRedial: () => void;
  /** Polling began to replace the socket, or no longer does. */
  onChange: () => void;
  /** Sign in again; rejects when that is not possible. */
  signIn: () => Promise<unknown>;
}

export class Poller {
  /** True while polling stands in for the socket. */
  working = false;
  private timer: ReturnType<typeof setTimeout> | null = null;
  private busy = false;
  private answers = 0;

  constructor(private readonly plan: PollPlan) {}

  /** Follow the socket's state: begin when it can't be had, end when it can or when all is lost. */
  follow(state: ConnectionState, attempt: number): void {
    const over = state === "connected" || state === "disconnected" || !navigator.onLine;
    if (over || (state === "lost" && !this.working)) this.stop();
    else if (attempt >= AFTER_DIALS && this.timer === null) this.schedule(0);
  }

  /** Something was said: do not wait for the next turn. */
  hurry(): void {
    if (this.timer !== null && !this.busy) this.schedule(0);
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.working = false;
    this.answers = 0;
  }

  private schedule(ms: number): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.turn(), ms);
  }

  private async turn(): Promise<void> {
    const mine = this.timer;
    this.busy = true;
    const more = await this.poll(mine).catch((error: unknown) => error);
    this.busy = false;
    if (this.timer !== mine) return;
    if (typeof more === "boolean") this.answered();
    else await this.failed(more);
    if (this.timer === mine) this.schedule(more === true ? 0 : EVERY_MS);
  }

  /** Say what waits, hear what is new; returns whether there is more of it. */
  private async poll(mine: typeof this.timer): Promise<boolean> {
    await this.deliver();
    const params = { path: { session_id: this.plan.sessionId }, query: { since: this.plan.lastSeq() } };
    const log = await unwrap(api.GET("/api/sessions/{session_id}/events", { params }));
    if (this.timer !== mine) return false;
    if (log.events.length) this.plan.onEvents(log.events);
    return log.has_more || this.plan.waiting().some((message) => message.generation_id);
  }

  /** The first answer may only mean that the server is back: the socket gets its chance before polling is announced. */
  private answered(): void {
    this.answers += 1;
    if (this.answers === 2) {
      this.working = true;
      this.plan.onChange();
    }
    if (this.answers % REDIAL_TURNS === 1) this.plan.onRedial();
  }

  private async failed(error: unknown): Promise<void> {
    if (error instanceof ApiError && error.status === 401) await this.plan.signIn().catch(() => undefined);
    this.answers = 0;
    if (!this.working) return;
    this.working = false;
    // The server is gone, not only the socket: count its attempts from the start.
    this.plan.onRedial();
    this.plan.onChange();
  }

  private async deliver(): Promise<void> {
    for (const { id, generation_id: generationId, payload } of this.plan.waiting()) {
      if (!generationId) continue;
      try {
        const params = { path: { generation_id: generationId } };
        await unwrap(api.POST("/api/generations/{generation_id}/feedback", { params, body: { ...payload, id } }));
        this.plan.onDelivered(id);
      } catch (error) {
        if (!isFinal(error)) throw error;
        this.plan.onDelivered(id);
        this.plan.onRefused(id, told(error));
      }
    }
  }
}

/** Asking again would be refused again; unlike no sign-in, too much at once, a slow or broken server. */
function isFinal(error: unknown): error is ApiError {
  return (
    error instanceof ApiError && error.status >= 400 && error.status < 500 && ![401, 408, 429].includes(error.status)
  );
}
