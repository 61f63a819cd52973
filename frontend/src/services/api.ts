/**
 * HTTP against the server: typed by its own schema, one error type, one place that signs in.
 * Tests: tests/services/test_api.test.ts
 */
import createClient from "openapi-fetch";
import type { paths } from "@/api/schema.gen";
import type { ErrorBody, GenerateBody, GenerationSnapshot, SessionSnapshot, Started, UserView } from "@/api/types";
import { ApiError } from "./errors";

export const api = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? "",
  credentials: "same-origin",
  // Looked up at each call, so that tests can stand in for it.
  fetch: (request) => globalThis.fetch(request),
});

interface Answer {
  data?: unknown;
  error?: unknown;
  response: Response;
}

/** Unwrap the envelope; throw what people can read for anything else, garbage and a dead network included. */
export async function unwrap<T extends { data?: { data: unknown } | undefined; error?: unknown; response: Response }>(
  call: Promise<T>,
): Promise<NonNullable<T["data"]>["data"]> {
  const answer = await reached(call);
  if (answer.response.ok && isEnvelope(answer.data)) return answer.data.data as NonNullable<T["data"]>["data"];
  throw failure(answer);
}

/** The same for calls that answer nothing. */
export async function done(call: Promise<Answer>): Promise<void> {
  const answer = await reached(call);
  if (!answer.response.ok) throw failure(answer);
}

/** One page of a list, with its cursor. */
export async function page<
  T extends { data?: { data: unknown[]; pagination: { next_cursor: string | null } }; response: Response },
>(call: Promise<T>): Promise<NonNullable<T["data"]>> {
  const answer = await reached(call);
  if (answer.response.ok && isEnvelope(answer.data)) return answer.data as NonNullable<T["data"]>;
  throw failure(answer);
}

async function reached<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof SyntaxError) throw garbled(200);
    throw new ApiError("The server can't be reached.", "unreachable", 0, "Check that it is running, then try again.");
  }
}

function isEnvelope(value: unknown): value is { data: unknown } {
  return typeof value === "object" && value !== null && "data" in value;
}

function isErrorBody(value: unknown): value is { error: ErrorBody } {
  if (typeof value !== "object" || value === null || !("error" in value)) return false;
  const { error } = value;
  return typeof error === "object" && error !== null && "message" in error && typeof error.message === "string";
}

function garbled(status: number): ApiError {
  const hint = "Try again; if it stays, look at the server's log.";
  return new ApiError("The server gave an answer that can't be read.", "garbled", status, hint);
}

/** Return the error an unsuccessful answer amounts to. */
export function failure({ data, error, response }: Answer): ApiError {
  const body = isErrorBody(error) ? error.error : isErrorBody(data) ? data.error : null;
  if (!body) {
    if (response.status >= 500) {
      const hint = "Nothing you did is lost. Try again in a moment.";
      return new ApiError("The server had a problem.", "server_error", response.status, hint);
    }
    return garbled(response.status);
  }
  const after = Number(response.headers.get("Retry-After"));
  const problems = (body.details as { problems?: { where: string; message: string }[] } | null)?.problems ?? [];
  return new ApiError(body.message, body.code, response.status, body.hint, after > 0 ? after : null, problems);
}

/** Sign this browser in. On its own machine it needs no form; elsewhere it must be signed in already. */
export async function signIn(): Promise<UserView> {
  try {
    // The server answers the same when the browser is signed in, so asking first would only be an error more.
    return (await unwrap(api.POST("/api/auth/local-session"))).user;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error;
    return (await unwrap(api.GET("/api/auth/me"))).user;
  }
}

/** Ask for an ad. The key makes a repeated request harmless. */
export function generate(body: GenerateBody, key: string): Promise<Started> {
  return unwrap(api.POST("/api/v2/generate", { body, params: { header: { "Idempotency-Key": key } } }));
}

export function fetchSession(id: string): Promise<SessionSnapshot> {
  return unwrap(api.GET("/api/sessions/{session_id}", { params: { path: { session_id: id } } }));
}

export function fetchGeneration(id: string): Promise<GenerationSnapshot> {
  return unwrap(api.GET("/api/generations/{generation_id}", { params: { path: { generation_id: id } } }));
}
