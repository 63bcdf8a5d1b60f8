/** Of an answer other than a success: its status, a title that is always the same, and what the caller can do. */
export interface ProblemKind {
  readonly status: number;
  readonly title: string;
  readonly help: string;
}
