export const STREAM_STATUSES = ['running', 'paused', 'disabled', 'archived'] as const;
export type StreamStatus = (typeof STREAM_STATUSES)[number];
