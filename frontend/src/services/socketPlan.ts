/** What a SessionSocket is given: where to dial, and whom to tell. Tests: tests/services/test_websocket.test.ts */
import type { ServerEvent } from "@/api/types";
import type { Connection } from "@/store/model";

export interface SocketPlan {
  sessionId: string;
  /** The last durable event this client has applied. */
  lastSeq: () => number;
  onEvents: (events: ServerEvent[]) => void;
  onConnection: (connection: Connection, waiting: number) => void;
  /** Something may have been missed: fetch the state. `reset`: the server's log ends before ours, only its word counts. */
  onResync: (reset: boolean) => void;
  /** The server refused a message for good; null when it can't be known which. */
  onRefused: (messageId: string | null, text: string) => void;
  /** Sign in again; rejects when that is not possible. */
  signIn: () => Promise<unknown>;
  /** See Backoff; 0 in tests. */
  jitter?: number;
}

/** Close codes by what they mean for us. */
export const CLOSE = {
  /** Malformed, not our page, no such session: dialling again would change nothing. */
  final: new Set([4400, 4403, 4404]),
  unauthorized: 4401,
  tooLarge: 1009,
};

/** Address of a session's events after number `since`, on the host this page came from. */
export function socketAddress(sessionId: string, since: number): string {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${location.host}/ws/${encodeURIComponent(sessionId)}?since=${since}`;
}
