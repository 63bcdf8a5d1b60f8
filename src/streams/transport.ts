import type { StreamedEvent } from '../model/streamed-event.ts';

/** What goes out at once. */
export interface Message {
  /** The same whenever the same is sent again. */
  readonly id: string;
  /** In their order. */
  readonly events: readonly [StreamedEvent, ...StreamedEvent[]];
}

/** What came of sending a message. */
export interface SendOutcome {
  /** Null: delivered. */
  readonly error: string | null;
  /** What was answered; null: nothing, or it has no such number. */
  readonly status: number | null;
  readonly durationMs: number;
  /** What the receiver asks to wait. */
  readonly retryAfterMs: number | null;
  /** Whether it tells of the receiver, not of the message: others would fail as well. */
  readonly wide: boolean;
  /** The receiver wants nothing more, ever. */
  readonly gone: boolean;
  /** It would fail again however often it is tried. */
  readonly final: boolean;
}

/** A way of sending, with all it needs for one stream. */
export interface Transport {
  /** Events of a message at most. */
  readonly maxEvents: number;
  /** How long events wait for others to come, in milliseconds. */
  readonly maxWaitMs: number;
  /** Messages under way at once. */
  readonly concurrency: number;
  /** What failed is sent again as it was, and what follows waits behind it: of files, none is parted and none passed over. */
  readonly together: boolean;
  send(message: Message): Promise<SendOutcome>;
}

export const delivered = (status: number | null, durationMs: number): SendOutcome => ({
  error: null,
  status,
  durationMs,
  retryAfterMs: null,
  wide: false,
  gone: false,
  final: false,
});
