import { type Static, Type } from 'typebox';
import { Balances } from './account.ts';
import { InstantText } from './instant.ts';
import { Money } from './money.ts';
import { Points } from './points.ts';
import { Tax, WITHHELD } from './purchase.ts';
import { named, nullable, openEnum, ref } from './schema.ts';
import { RefundedPoints, TakenBack } from './taken-back.ts';
import { TierView } from './tier-view.ts';
import { Voucher } from './voucher.ts';

export const EarnedPoints = named(
  'EarnedPoints',
  Type.Object(
    {
      entry_id: Type.String({ description: 'The ledger entry.' }),
      wallet: Type.String({ description: 'Code of the wallet.' }),
      points: Points('Points given. Part of them may have paid back debt.'),
      recovered: Points('How many of them paid back debt.'),
      bucket: openEnum(['available', 'pending'], 'Where the points went.'),
      available_at: InstantText('When they are or become available.'),
      expires_at: nullable(InstantText('When they expire.')),
      sliding: Type.Optional(
        Type.Literal(true, {
          description: 'Told where the expiry slides: they expire then unless the member renews them.',
        }),
      ),
      rules: Type.Array(Type.Object({ rule: Type.String(), points: Points('Points from this rule.') }), {
        description: 'Which rules gave how many.',
      }),
    },
    { description: 'Points a purchase gave, by wallet.' },
  ),
);
export type EarnedPoints = Static<typeof EarnedPoints>;

/** What every view of a purchase begins with. */
const recorded = {
  id: Type.String({ description: 'The shop’s own id.' }),
  member: nullable(Type.String({ description: 'The member’s id; null for a guest.' })),
  occurred_at: InstantText('When the purchase was made.'),
  recorded_at: InstantText('When the engine took it.'),
  total: ref(Money),
  spend: ref(Money),
};

export const PurchaseAnswer = named(
  'PurchaseRecorded',
  Type.Object(
    {
      ...recorded,
      earned: Type.Array(ref(EarnedPoints), {
        description: 'What it gave, what tiers and segments entered by it and a referral gave included.',
      }),
      redemptions: Type.Optional(
        Type.Array(
          Type.Object({
            id: Type.String({ description: 'The caller’s own id of the redemption.' }),
            points: Points('Points captured or redeemed.'),
            amount: nullable(ref(Money)),
            reward: nullable(Type.String(), { description: 'Code of the reward; null: points on their own.' }),
            voucher: nullable(ref(Voucher)),
          }),
          {
            description:
              'Redemptions captured with it, and those it redeemed. `amount` is what they pay, null where no burn rule says so. `voucher` is the one issued for a reward, as it was then: GET /v1/redemptions/{id} shows what became of it.',
          },
        ),
      ),
      replaced: Type.Optional(
        Type.Object(
          {
            id: Type.String({ description: 'The shop’s own id of the purchase that was replaced.' }),
            taken_back: Type.Array(ref(TakenBack), { description: 'Points taken back for it, by wallet.' }),
            refunded: Type.Array(ref(RefundedPoints), { description: 'Points that had paid for it and came back.' }),
            revoked: Type.Array(Type.String(), { description: 'Entitlements that were taken back.' }),
          },
          { description: 'With `replaces`: what cancelling the other purchase came to.' },
        ),
      ),
      balances: Type.Array(ref(Balances), { description: 'Balances after it. Empty for a guest.' }),
      tiers: Type.Array(ref(TierView), { description: 'Tiers after it. Empty for a guest.' }),
    },
    { description: 'A recorded purchase with what it gave. The answer is kept as long as the purchase.' },
  ),
);
export type PurchaseAnswer = Static<typeof PurchaseAnswer>;

export const Purchase = named(
  'Purchase',
  Type.Object(
    {
      ...recorded,
      lines: Type.Array(
        Type.Object(
          {
            sku: Type.String(),
            categories: Type.Array(Type.String()),
            quantity: Type.Integer(),
            unit_price: Type.Integer(),
            discount: Type.Integer(),
            total: Type.Integer(),
            cost: Type.Optional(Type.Integer()),
            discount_share: Type.Integer({ description: 'Share of the discount on the whole.' }),
            tax_share: Type.Integer({ description: 'Share of the tax.' }),
            points_share: Type.Optional(Type.Integer({ description: 'Share of what was paid with points.' })),
            counted: Type.Integer({
              description: 'What counts as spend, and earns points where it was not paid with points.',
            }),
          },
          { description: 'A line, with what falls to it of the whole, in minor units.' },
        ),
      ),
      discount: Type.Integer({ description: 'Discount on the whole, in minor units.' }),
      shipping: Type.Integer({ description: 'Shipping, in minor units.' }),
      tax: nullable(Tax),
      paid_with_points: Type.Integer({ description: 'What was paid with points, in minor units.' }),
      capture_redemptions: Type.Array(Type.String(), { description: 'Redemptions captured with it.' }),
      replaces: nullable(Type.String(), { description: 'The purchase it replaced.' }),
      quote: nullable(Type.String(), { description: 'The quote it was made by.' }),
      channel: nullable(Type.String()),
      store: nullable(Type.String()),
      context: Type.Record(Type.String(), Type.Union([Type.String(), Type.Integer(), Type.Boolean()]), {
        description: 'As reported.',
      }),
      past: Type.Optional(
        Type.Object(
          {
            points_given: Type.Array(
              Type.Object({
                wallet: Type.String({ description: 'Code of the wallet.' }),
                points: Points('Points that were given.'),
              }),
              { description: 'What the system before gave for it, as reported.' },
            ),
          },
          { description: 'Told of a purchase that was made before the cut-over.' },
        ),
      ),
      revision: Type.Integer({ description: 'Revision of the configuration it was decided in.' }),
      rules: Type.Array(
        Type.Object({
          rule: Type.String(),
          counted: Type.Integer({ description: 'Minor units the rule looked at.' }),
          points: Points('Points it gave.'),
          limited_to: Type.Optional(
            Points('What was left of its limits or budget, where that was less than it would have given.'),
          ),
          multiplied: Type.Optional(
            Type.Array(Type.String(), { description: 'The multipliers that worked on what it gave.' }),
          ),
          withheld: Type.Optional(openEnum(WITHHELD, 'Why it gave nothing although its conditions were fulfilled.')),
        }),
        {
          description: 'Which rules gave how many points, and on what; `tier:CODE` is what a tier’s multiplier added.',
        },
      ),
    },
    { description: 'A purchase as recorded.' },
  ),
);
export type Purchase = Static<typeof Purchase>;
