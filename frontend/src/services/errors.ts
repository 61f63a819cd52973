/** Failures as people read them: what happened and the next step. Every request to the server ends here or in data. */

export class ApiError extends Error {
  constructor(
    message: string,
    readonly code: string,
    readonly status: number,
    readonly hint = "",
    readonly retryAfterS: number | null = null,
    readonly problems: { where: string; message: string }[] = [],
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** A hint without the sentences that name a command: here there are buttons. */
export function withoutCommands(hint: string): string {
  return hint
    .split(/(?<=[.!?])\s+/)
    .filter((sentence) => !/\badmint [a-z]/.test(sentence))
    .join(" ");
}

/** Message and next step in one line. */
export function told(error: unknown): string {
  if (error instanceof ApiError) return [error.message, error.hint].filter(Boolean).join(" ");
  return "Something went wrong in this page. Reload it; nothing on the server is lost.";
}
