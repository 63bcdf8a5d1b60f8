import type { RecordPurchase } from '../../src/model/purchase.ts';
import type { CreateReturn } from '../../src/model/purchase-return.ts';

/** What came back of one purchase. */
export interface LoggedReturn {
  readonly day: string;
  /** How many of the member's purchases were before it. */
  readonly after: number;
  readonly purchase: string;
  readonly body: CreateReturn;
}

/** Lines of cancellations, by how much of them earlier purchases of the same customer and item cover. */
export interface Coverage {
  readonly covered: number;
  readonly inPart: number;
  readonly not: number;
}

/** The purchases of one member in the order of their dates. A guest's purchase is a history of one, without a member. */
export interface History {
  readonly member: string | null;
  readonly purchases: readonly RecordPurchase[];
  /** In their order; none where they are not asked for. */
  readonly returns: readonly LoggedReturn[];
}

/**
 * A log as the API takes it. Ids derive from the log alone, and so do the bodies: whoever sends it twice sends the
 * same requests twice, and the service answers the second as the first.
 */
export interface PurchaseLog {
  readonly currency: 'USD' | 'GBP';
  readonly histories: readonly History[];
  /** Rows that are not reported, by reason. */
  readonly leftOut: ReadonlyMap<string, number>;
  /** Null: cancellations are not reported. */
  readonly coverage: Coverage | null;
}

/** Rows from the file's beginning that are looked at. */
export interface ReadOptions {
  readonly limit: number;
}

/** A row that does not look like its log: it says where, so that nobody has to search 500,000 lines. */
export class UnreadableRow extends Error {
  override readonly name = 'UnreadableRow';

  constructor(row: number, text: string, why: string) {
    super(`row ${row}: ${why}: ${JSON.stringify(text.slice(0, 200))}`);
  }
}

/** Sorting is stable: what happened at the same time stays in the order of the file. */
export const inDateOrder = (purchases: readonly RecordPurchase[]): RecordPurchase[] =>
  purchases.toSorted((a, b) => compare(a.occurred_at ?? '', b.occurred_at ?? ''));

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
