import type { Returning } from '../../src/engine/returning.ts';
import type { Changes } from '../../src/model/decision.ts';
import type { Rules } from '../../src/rules/rules.ts';

/** What a store would load for a return of a purchase, out of everything that was written before. */
export const returningOf = (
  history: readonly Changes[],
  id: string,
  rulesOf: (revision: number) => Rules,
): Returning | undefined => {
  const row = history.find(({ purchase }) => purchase?.purchase_id === id)?.purchase;
  if (row === undefined || row === null) return undefined;
  const facts = row.facts.on_return;
  const returns = history.flatMap(({ purchaseReturn, claimed }) => [...(claimed ?? []), purchaseReturn ?? []].flat());
  const whole = new Set(returns.flatMap((one) => (one.whole ? [one.purchase_id] : [])));
  const revoked = new Set(history.flatMap((changes) => changes.revoked));
  const [fromEntry, toEntry] = facts?.entries ?? [1, 0];
  const [fromEvent, toEvent] = facts?.events ?? [1, 0];
  return {
    row,
    rules: rulesOf(row.facts.revision),
    returns: returns.filter(({ purchase_id }) => purchase_id === id),
    given: facts?.given ?? [],
    triggered: history
      .flatMap(({ entries }) => entries)
      .filter(
        ({ sequence, movement, cause }) =>
          sequence >= fromEntry &&
          sequence <= toEntry &&
          (movement === 'earn' || movement === 'recover') &&
          cause !== 'purchase',
      ),
    entitlements: history
      .flatMap(({ entitlements }) => entitlements)
      .filter(({ number }) => number >= fromEvent && number <= toEvent && !revoked.has(number)),
    others: history.flatMap(({ purchase }) =>
      purchase === null || purchase.purchase_id === id || whole.has(purchase.purchase_id) ? [] : [purchase.occurred_at],
    ),
  };
};
