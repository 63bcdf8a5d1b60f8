/** An event as a stream tells it: as the feed does, with the fields of the member that the stream asks for. */
export interface StreamedEvent {
  /** The same whenever it is sent again. */
  readonly id: string;
  readonly type: string;
  /** When it happened. */
  readonly timestamp: string;
  readonly recorded_at: string;
  /** Where it stands in the program's feed. */
  readonly position: number;
  /** The caller's own id of the member; null: an event of the program. */
  readonly member: string | null;
  /** Which of the member's events it is. */
  readonly number: number | null;
  readonly data: Readonly<Record<string, unknown>>;
  /** What the stream asks for of the member, as it is at sending. Absent: nothing is asked for. */
  readonly fields?: Readonly<Record<string, unknown>>;
}
