import { type TObject, type TProperties, Type } from 'typebox';
import { InstantText } from '../instant.ts';
import { nullable } from '../schema.ts';

/** What an event of one type says. `data` is open: more may come. */
export interface EventSchema<P extends TProperties = TProperties> {
  /** When it is told. A sentence. */
  readonly description: string;
  readonly data: TObject<P>;
  readonly example: object;
}

export const eventSchema = <P extends TProperties>(
  description: string,
  properties: P,
  example: object,
): EventSchema<P> => ({
  description,
  data: Type.Object(properties, { description: 'What happened.', examples: [example] }),
  example,
});

/* What events of many types say, in one wording. */

export const wallet = Type.String({ description: 'Code of the wallet.', examples: ['points'] });
export const points = Type.Integer({ minimum: 0, description: 'How many points.', examples: [120] });
export const entry = Type.String({ description: 'Id of the ledger entry.', examples: ['ent_2s_4'] });
export const entryOrNull = nullable(entry, { description: 'Id of the ledger entry. Null: no points moved.' });
export const purchase = Type.String({ description: 'The caller’s id of the purchase.', examples: ['o-1001'] });
export const redemption = Type.String({ description: 'The caller’s id of the redemption.', examples: ['r-2026-0001'] });
export const reward = Type.String({ description: 'Code of the reward.', examples: ['free-coffee'] });
export const currency = Type.String({ description: 'ISO 4217 code of the program’s currency.', examples: ['EUR'] });
export const amount = (description: string) =>
  Type.Integer({ description: `${description} In minor units.`, examples: [4999] });
export const instantOrNull = (description: string) => nullable(InstantText(description), { description });
export const backfill = Type.Optional(
  Type.Boolean({
    description: 'True: due to an edit of the configuration or to an import, not to what the member did.',
  }),
);
export const optionalReward = Type.Optional(reward);
