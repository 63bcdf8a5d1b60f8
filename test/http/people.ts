import { purchaseOf, type TestApp } from '../helpers/app.ts';

/* Members who differ, for tests that count them. */

export interface Somebody {
  id: string;
  country: string | null;
  purchases: readonly { day: number; cents: number }[];
}

const DAY = 86_400_000;

/** Members with purchases of the last 200 days; the same each time. */
export const people = (count: number): Somebody[] => {
  let seed = 7;
  const below = (limit: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % limit;
  };
  return Array.from({ length: count }, (_, index) => ({
    id: `m-${index}`,
    country: [null, 'FR', 'BE'][below(3)] ?? null,
    purchases: Array.from({ length: below(5) }, () => ({ day: below(200), cents: 100 * below(300) + 100 })),
  }));
};

export const enrolled = async ({ request, clock }: TestApp, everybody: readonly Somebody[]): Promise<void> => {
  await request('PATCH', '/v1/program', { policies: { late_report_days: null } });
  await Promise.all(
    everybody.map(async ({ id, country, purchases }) => {
      await request('PUT', `/v1/members/${id}`, country === null ? {} : { profile: { country } });
      for (const [index, { day, cents }] of purchases.entries()) {
        const occurred_at = new Date(clock.now - day * DAY).toISOString();
        await request('POST', '/v1/purchases', purchaseOf(`${id}-${index}`, id, cents, { occurred_at }));
      }
    }),
  );
};

export const spendOf = ({ purchases }: Somebody, days: number): number =>
  purchases.filter(({ day }) => day < days).reduce((sum, { cents }) => sum + cents, 0);
