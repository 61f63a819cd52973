/** How long to wait before dialling again: 1, 2, 4, 8, 16 s, then it takes a person. Tests: tests/services/test_websocket.test.ts */
const PAUSES_MS = [1000, 2000, 4000, 8000, 16_000];

export class Backoff {
  /** Failed attempts since the line last stood. */
  failures = 0;

  /** `jitter`: share of a pause it may be longer or shorter by, so that a thousand tabs don't come back at once. */
  constructor(private readonly jitter = 0.2) {}

  /** Count a failure; returns the pause before the next attempt, or null when it was the last. */
  next(): number | null {
    const pause = PAUSES_MS[this.failures];
    if (pause === undefined) return null;
    this.failures += 1;
    return pause * (1 + this.jitter * (2 * Math.random() - 1));
  }

  reset(): void {
    this.failures = 0;
  }
}
