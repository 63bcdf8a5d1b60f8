import { hash } from 'node:crypto';
import type { CreateQuote } from '../model/quote.ts';

type Cart = Pick<
  CreateQuote,
  'currency' | 'lines' | 'discount' | 'shipping' | 'tax' | 'total' | 'channel' | 'store' | 'context'
>;

/** SHA-256 of a cart: the same for a quote and for the purchase made by it, whatever order its properties come in. */
export const cartHash = ({
  currency,
  lines,
  discount = 0,
  shipping = 0,
  tax,
  total,
  channel,
  store,
  context = {},
}: Cart): Buffer =>
  hash(
    'sha256',
    JSON.stringify([
      currency,
      lines.map((line) => [
        ...[line.sku, line.quantity, line.unit_price, line.discount ?? 0, line.total, line.cost ?? null],
        line.categories ?? [],
      ]),
      ...[discount, shipping, total, channel ?? null, store ?? null],
      tax === undefined ? null : [tax.amount, tax.included],
      Object.entries(context).sort(([a], [b]) => (a < b ? -1 : 1)),
    ]),
    'buffer',
  );
