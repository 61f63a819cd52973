/**
 * One session's live line (AC-5.3, AC-5.7): it dials, beats, notices a dead line, dials again with growing pauses, keeps
 * what was said until the server has it, and hands events over in order. It knows nothing of the store.
 * Tests: tests/services/test_websocket.test.ts
 */
import type { FeedbackPayload, ServerEvent, UserFeedbackMessage } from "@/api/types";
import type { ConnectionState } from "@/store/model";
import { Backoff } from "./backoff";
import { EventBatch, parseEvent } from "./eventBatch";
import { Outbox } from "./outbox";
import { CLOSE, socketAddress, type SocketPlan } from "./socketPlan";

const BEAT_MS = 30_000;
const ANSWER_MS = 10_000;
const RESEND_MS = 1000;
/** Attempts are forgotten only after a line has stood so long: one that breaks at once must not be dialled for ever. */
const STEADY_MS = 5000;

type Timer = ReturnType<typeof setTimeout>;
type Refusal = Extract<ServerEvent, { type: "error" }>["payload"];

export class SessionSocket {
  private socket: WebSocket | null = null;
  private state: ConnectionState = "connecting";
  private reason = "";
  /** Had a line before, or failed to get one. */
  private tried = false;
  private opened = false;
  private ended = false;
  private signedIn = false;
  private timers: { redial?: Timer; answer?: Timer; steady?: Timer; resend?: Timer; beat?: Timer } = {};
  private readonly backoff: Backoff;
  private readonly outbox: Outbox;
  private readonly batch: EventBatch;

  constructor(private readonly plan: SocketPlan) {
    this.backoff = new Backoff(plan.jitter);
    this.outbox = new Outbox(plan.sessionId);
    this.batch = new EventBatch(plan.onEvents);
  }

  /** Connect, and stay connected until `close`. */
  open(): void {
    window.addEventListener("offline", this.wentOffline);
    window.addEventListener("online", this.wentOnline);
    if (navigator.onLine) this.dial();
    else this.wentOffline();
  }

  /** End for good: no timer, listener or socket is left. What was not acknowledged stays for the next time. */
  close(): void {
    window.removeEventListener("offline", this.wentOffline);
    window.removeEventListener("online", this.wentOnline);
    this.ended = true;
    this.detach();
    this.batch.flush();
    this.tell("disconnected");
  }

  /** Dial now, as if nothing had failed before. */
  retry(): void {
    if (this.ended) return;
    this.backoff.reset();
    this.detach();
    this.dial();
  }

  /** Say something; it is kept until the server acknowledges it, over reloads too. */
  send(id: string, generationId: string, payload: FeedbackPayload): void {
    const timestamp = new Date().toISOString();
    const message: UserFeedbackMessage = { type: "user_feedback", id, generation_id: generationId, payload, timestamp };
    this.outbox.add(message);
    this.deliver(message);
    this.tell(this.state);
  }

  /** The server has it, whichever way it went. */
  acknowledged(messageId: string): void {
    if (this.outbox.remove(messageId)) this.tell(this.state);
  }

  /** Messages that wait, oldest first. */
  get waiting(): readonly UserFeedbackMessage[] {
    return this.outbox.messages;
  }

  private dial(): void {
    this.tell(this.tried ? "reconnecting" : "connecting");
    let socket: WebSocket;
    try {
      socket = new WebSocket(socketAddress(this.plan.sessionId, this.plan.lastSeq()));
    } catch {
      this.lost();
      return;
    }
    this.socket = socket;
    // A line over which nothing is heard counts as failed, whether it opened or not.
    this.timers.answer = setTimeout(() => this.lost(), ANSWER_MS);
    socket.onmessage = ({ data }: MessageEvent<string>) => this.onMessage(data);
    socket.onclose = ({ code, reason }) => this.onClose(code, reason);
  }

  /** The server's hello makes the line usable: a refusal comes as an open socket that closes at once. */
  private greeted(resumed: boolean): void {
    const again = this.opened;
    this.opened = this.tried = true;
    this.signedIn = false;
    this.reason = "";
    this.tell("connected");
    this.timers.steady = setTimeout(() => this.backoff.reset(), STEADY_MS);
    this.timers.beat = setInterval(() => this.beat(), BEAT_MS);
    this.resend();
    if (again || !resumed) this.plan.onResync(!resumed);
  }

  private beat(): void {
    this.socket?.send(JSON.stringify({ type: "heartbeat", id: "" }));
    clearTimeout(this.timers.answer);
    this.timers.answer = setTimeout(() => this.lost(), ANSWER_MS);
  }

  private onMessage(data: string): void {
    // Anything heard shows that the line lives.
    clearTimeout(this.timers.answer);
    const event = parseEvent(data);
    if (!event) return;
    switch (event.type) {
      case "heartbeat":
        break;
      case "hello":
        this.greeted(event.payload.resumed);
        break;
      case "message_received":
        this.acknowledged(event.payload.message_id);
        break;
      case "error":
        if (event.seq === null) this.refused(event.payload);
        else this.take(event);
        break;
      default:
        this.take(event);
    }
  }

  private take(event: ServerEvent): void {
    if (event.type === "user_message" || event.type === "feedback_acknowledged") {
      this.acknowledged(event.payload.message_id);
    }
    const gap = event.seq !== null && event.seq > this.plan.lastSeq() + 1;
    this.batch.add(event);
    if (gap) this.plan.onResync(false);
  }

  /** What the server did not read (`rate_limited`, a busy database) is sent again; the rest would be refused again. */
  private refused({ code, message, hint, message_id: named }: Refusal): void {
    if (code === "rate_limited" || code === "storage_error") {
      clearTimeout(this.timers.resend);
      this.timers.resend = setTimeout(() => this.resend(), RESEND_MS);
      return;
    }
    this.takeOut(named ?? this.outbox.oldestSent, [message, hint].filter(Boolean).join(" "));
  }

  private takeOut(id: string | null, text: string): void {
    if (id) this.acknowledged(id);
    this.plan.onRefused(id, text);
  }

  private onClose(code: number, reason: string): void {
    this.detach();
    if (CLOSE.final.has(code)) {
      this.ended = true;
      this.reason = reason || "The server does not let this page follow the conversation. Reload the page.";
      this.tell("disconnected");
    } else if (code === CLOSE.unauthorized && !this.signedIn) {
      this.signInAgain();
    } else {
      if (code === CLOSE.tooLarge) this.takeOut(this.outbox.largest, reason || "The message is too large.");
      this.lost();
    }
  }

  private signInAgain(): void {
    this.signedIn = this.tried = true;
    this.tell("reconnecting");
    // Stands for "nothing else was begun meanwhile"; cleared by whatever detaches.
    const mine = (this.timers.answer = setTimeout(() => this.lost(), ANSWER_MS));
    const then = (go: () => void) => () => {
      if (this.timers.answer !== mine) return;
      clearTimeout(mine);
      go();
    };
    this.plan.signIn().then(
      then(() => this.dial()),
      then(() => this.lost()),
    );
  }

  /** Dial again after a pause, up to five times; then it takes a person (AC-5.7). */
  private lost(): void {
    this.detach();
    this.tried = true;
    if (!navigator.onLine) {
      this.tell("reconnecting");
      return;
    }
    const pause = this.backoff.next();
    this.tell(pause === null ? "lost" : "reconnecting");
    if (pause !== null) this.timers.redial = setTimeout(() => this.dial(), pause);
  }

  /** A socket in a network that is gone stays silent and open: let go of it at once. */
  private readonly wentOffline = (): void => {
    if (this.ended) return;
    this.tried = true;
    this.detach();
    this.tell("reconnecting");
  };

  private readonly wentOnline = (): void => this.retry();

  private detach(): void {
    for (const timer of Object.values(this.timers)) clearTimeout(timer);
    this.timers = {};
    this.outbox.takenBack();
    const { socket } = this;
    this.socket = null;
    if (!socket) return;
    socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private resend(): void {
    this.outbox.takenBack();
    for (const message of this.outbox.messages) this.deliver(message);
  }

  private deliver(message: UserFeedbackMessage): void {
    if (this.state !== "connected" || this.socket?.readyState !== WebSocket.OPEN) return;
    this.outbox.handedOver(message.id);
    this.socket.send(JSON.stringify(message));
  }

  private tell(state: ConnectionState): void {
    this.state = state;
    const attempt = state === "connected" ? 0 : this.backoff.failures;
    this.plan.onConnection({ state, attempt, reason: this.reason }, this.outbox.messages.length);
  }
}
