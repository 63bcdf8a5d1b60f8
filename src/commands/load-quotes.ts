import type { Command } from '../model/command.ts';
import type { Tx } from '../store/connection.ts';
import { loadQuotes, type QuoteKey } from '../store/quotes.ts';
import type { RulesCache } from '../store/rules-cache.ts';
import { memberOfQuote } from './quoting.ts';
import type { World } from './world.ts';

/** The quote that a command names. */
export const quoteNamed = (command: Command): string | undefined => {
  switch (command.kind) {
    case 'record_purchase':
      return command.report.quote;
    case 'redeem_points':
    case 'redeem_reward':
      return command.request.quote;
    default:
      return undefined;
  }
};

/** A quote is the member's who asked for it: another one's is not there. */
const keyOf = (command: Command): QuoteKey[] => {
  const id = quoteNamed(command);
  return id !== undefined && command.member_id !== null && memberOfQuote(id) === command.member_id
    ? [{ member_id: command.member_id, quote_id: id }]
    : [];
};

/** Takes the quotes that commands name into the world, with the rules of their revisions. The members are locked. */
export const loadQuotesOf = async (
  tx: Tx,
  world: World,
  commands: readonly Command[],
  cache: RulesCache,
): Promise<void> => {
  const wanted = commands.flatMap(keyOf);
  if (wanted.length === 0) return;
  for (const { member_id, ...row } of await loadQuotes(tx, world.program, wanted))
    world.quotes.set(row.quote_id, { row, rules: await cache.load(tx, world.program, row.revision) });
};
