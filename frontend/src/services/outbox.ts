/**
 * What was said and not yet acknowledged, in order. Kept in the tab's own storage, so that a reload loses nothing; the
 * server drops doubles by id. Tests: tests/services/test_outbox.test.ts
 */
import type { UserFeedbackMessage } from "@/api/types";

export class Outbox {
  private kept: UserFeedbackMessage[];
  /** Ids on their way over the open line. The server answers in order: a refusal without an id means the oldest. */
  private sent: string[] = [];
  private readonly key: string;

  constructor(sessionId: string) {
    this.key = `admint.outbox.${sessionId}`;
    this.kept = stored(this.key);
  }

  get messages(): readonly UserFeedbackMessage[] {
    return this.kept;
  }

  add(message: UserFeedbackMessage): void {
    this.kept = [...this.kept, message];
    this.store();
  }

  /** Returns whether it was there. */
  remove(id: string): boolean {
    this.sent = this.sent.filter((each) => each !== id);
    const left = this.kept.filter((message) => message.id !== id);
    const found = left.length < this.kept.length;
    this.kept = left;
    if (found) this.store();
    return found;
  }

  handedOver(id: string): void {
    this.sent.push(id);
  }

  /** The line is gone, or what went over it was not read. */
  takenBack(): void {
    this.sent = [];
  }

  get oldestSent(): string | null {
    return this.sent[0] ?? null;
  }

  get largest(): string | null {
    const size = (message: UserFeedbackMessage) => JSON.stringify(message).length;
    return (
      this.kept.reduce<UserFeedbackMessage | null>(
        (most, each) => (most && size(most) >= size(each) ? most : each),
        null,
      )?.id ?? null
    );
  }

  private store(): void {
    try {
      if (this.kept.length) sessionStorage.setItem(this.key, JSON.stringify(this.kept));
      else sessionStorage.removeItem(this.key);
    } catch {
      // Storage is full or switched off: the messages live as long as this page.
    }
  }
}

function stored(key: string): UserFeedbackMessage[] {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    return Array.isArray(value) ? value.filter(isMessage) : [];
  } catch {
    return [];
  }
}

function isMessage(value: unknown): value is UserFeedbackMessage {
  return typeof value === "object" && value !== null && "id" in value && "payload" in value && Boolean(value.payload);
}
