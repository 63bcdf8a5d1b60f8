import type { FieldReference } from '../../model/condition.ts';
import { MEMBER_STATUSES } from '../../model/member.ts';
import type { Account, Totals } from '../../model/member-state.ts';
import type { ConditionField, Reader, Unit } from './field.ts';
import type { Subject } from './subject.ts';

/** What fields of a member have in common. */
export const memberField = {
  unit: null,
  subject: 'member',
  nullable: false,
  values: null,
  parameters: [],
  personal: false,
} as const satisfies Partial<ConditionField>;

/** The wallet of a reference to points. */
export const walletOf = (reference: FieldReference): string => reference.wallet ?? 'points';

const windowed = (
  name: string,
  unit: Unit,
  description: string,
  ofTotals: (reference: FieldReference) => (totals: Totals) => number | undefined,
  more: Partial<ConditionField> = {},
): ConditionField => ({
  ...memberField,
  name,
  type: 'integer',
  unit,
  description,
  parameters: ['window'],
  ...more,
  ofTotals,
  read: (reference): Reader<Subject, number> => {
    const { window } = reference;
    const value = ofTotals(reference);
    if (window === undefined) return (subject) => value(subject.state.totals);
    return (subject) => {
      const totals = subject.state.windows[window];
      if (totals === undefined) throw new Error(`the totals of window ${window} are not in the state`);
      return value(totals);
    };
  },
});

/** Truncated; absent where there was no purchase. */
const average = ({ spend, purchases }: Totals): number | undefined =>
  purchases > 0 ? Math.trunc(spend / purchases) : undefined;

const balance = (
  name: string,
  of: 'available' | 'pending' | 'debt' | 'redeemed' | 'expired',
  description: string,
): ConditionField => ({
  ...memberField,
  name,
  type: 'integer',
  unit: 'points',
  description,
  parameters: ['wallet'],
  read: (reference) => {
    const wallet = walletOf(reference);
    return ({ state }) => {
      const account: Account | undefined = state.accounts[wallet];
      return account === undefined ? 0 : account[of];
    };
  },
});

const activityCount = (reference: FieldReference) => {
  const type = reference.activity ?? '';
  return (totals: Totals) => totals.activities[type] ?? 0;
};

const earnedPoints = (reference: FieldReference) => {
  const wallet = walletOf(reference);
  return (totals: Totals) => totals.earned[wallet] ?? 0;
};

const instant = (
  name: string,
  nullable: boolean,
  description: string,
  read: Reader<Subject, number>,
): ConditionField => ({ ...memberField, name, type: 'instant', nullable, description, read: () => read });

/** The fields every program has, other than tiers and segments. */
export const memberFields: readonly ConditionField[] = [
  {
    ...memberField,
    name: 'status',
    type: 'string',
    values: MEMBER_STATUSES,
    description: 'Status of the membership.',
    read:
      () =>
      ({ state }) =>
        state.status,
  },
  instant('enrolled_at', false, 'When the member was enrolled.', ({ state }) => state.enrolled_at),
  windowed(
    'spend',
    'minor_units',
    'Money spent in minor units, net of returns and discounts; tax as the program says.',
    () => (totals) => totals.spend,
  ),
  windowed('purchases', 'count', 'Number of purchases.', () => (totals) => totals.purchases),
  windowed('earned_points', 'points', 'Points earned.', earnedPoints, { parameters: ['wallet', 'window'] }),
  windowed(
    'average_purchase',
    'minor_units',
    'Spend divided by the number of purchases, truncated. Absent without a purchase.',
    () => average,
    { nullable: true },
  ),
  instant(
    'first_purchase_at',
    true,
    'When the first purchase occurred.',
    ({ state }) => state.first_purchase_at ?? undefined,
  ),
  instant(
    'last_purchase_at',
    true,
    'When the last purchase occurred.',
    ({ state }) => state.last_purchase_at ?? undefined,
  ),
  balance('available_points', 'available', 'Points that can be spent.'),
  balance('pending_points', 'pending', 'Points earned that cannot be spent yet.'),
  balance('debt_points', 'debt', 'Points owed after returns.'),
  balance('redeemed_points', 'redeemed', 'Points ever spent.'),
  balance('expired_points', 'expired', 'Points ever expired.'),
  windowed('activities', 'count', 'Number of activities of a type.', activityCount, {
    parameters: ['activity', 'window'],
  }),
  {
    ...memberField,
    name: 'nps',
    type: 'integer',
    unit: 'score',
    nullable: true,
    description: 'How likely the member is to recommend, 0 to 10, as last answered.',
    read:
      () =>
      ({ state }) =>
        state.nps?.score,
  },
  instant('nps_at', true, 'When the member last said how likely to recommend.', ({ state }) => state.nps?.at),
  {
    ...memberField,
    name: 'days_enrolled',
    type: 'integer',
    unit: 'days',
    description: 'Local days since the member was enrolled; 0 on the first.',
    read:
      () =>
      ({ state, today }) =>
        today - state.enrolled_on,
  },
];
