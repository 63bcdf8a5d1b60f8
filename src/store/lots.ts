import { sql } from 'kysely';
import type { LaterInstants } from '../model/decision.ts';
import { type MemberId, type ProgramId, shardOfMember } from '../model/ids.ts';
import { type Instant, instantText } from '../model/instant.ts';
import type { Lot } from '../model/lot.ts';
import { booleans, instants, numbers, texts } from './arrays.ts';
import type { Db, Tx } from './connection.ts';
import { wantedMembers } from './members.ts';

interface LotRow extends Omit<Lot, 'value' | 'slides'> {
  readonly member_id: MemberId;
  readonly value_points: number | null;
  readonly value_amount: number | null;
  readonly slides: boolean;
}

export type OwnedLot = readonly [MemberId, Lot];

/**
 * Where the table has lots whose expiry slides (`SLIDING_YEAR`, as Postgres reads it), so that its index is in spending
 * order. Never expiring is infinity.
 */
const SLIDING = '10000-01-01T00:00:00Z';
export const sliding = sql`${sql.lit(SLIDING)}::timestamptz`;

const selected = sql`l.member_id, l.lot, l.wallet, l.original, l.pending, l.available, l.held, l.value_points, l.value_amount, l.earned_at, l.available_at,
  case when l.expires_at < ${sliding} then l.expires_at end as expires_at, l.expires_at = ${sliding} as slides`;

const toLot = ({ member_id, value_points, value_amount, slides, ...row }: LotRow): OwnedLot => [
  member_id,
  {
    ...row,
    value: value_points === null || value_amount === null ? null : { points: value_points, amount: value_amount },
    ...(slides ? { slides } : {}),
  },
];

const expiryText = ({ expires_at, slides }: Pick<Lot, 'expires_at' | 'slides'>): string =>
  slides === true ? SLIDING : expires_at === null ? 'infinity' : instantText(expires_at);

/** Neighbours often expire together, and writing an instant out costs. */
const expiries = (lots: readonly Lot[]): string => {
  let last: Lot | undefined;
  let text = '';
  const written = lots.map((lot) => {
    if (lot.expires_at !== last?.expires_at || lot.slides !== last.slides) text = expiryText(lot);
    last = lot;
    return text;
  });
  return `{${written.join(',')}}`;
};

/** One member's wallet. */
export interface AccountKey {
  readonly member: MemberId;
  readonly wallet: string;
}

/** One member's wallet, and what may be due in it besides what is released and expires. */
export interface AccountDue extends AccountKey {
  /** Whether the lots whose expiry slides expire. */
  readonly slides: boolean;
  /** Lots that expire after the one instant and up to the other are announced. */
  readonly announced: { readonly after: Instant; readonly until: Instant };
}

const wantedAccounts = (accounts: readonly AccountDue[]) => sql`
  unnest(
    ${numbers(accounts.map((account) => shardOfMember(account.member)))}::smallint[],
    ${numbers(accounts.map((account) => account.member))}::bigint[],
    ${texts(accounts.map((account) => account.wallet))}::text[],
    ${booleans(accounts.map((account) => account.slides))}::boolean[],
    ${instants(accounts.map((account) => account.announced.after))}::timestamptz[],
    ${instants(accounts.map((account) => account.announced.until))}::timestamptz[]
  ) as wanted (shard, member_id, wallet, slides, announced_after, announced_until)
`;

const ofWanted = (program: ProgramId) =>
  sql`lot.program_id = ${program} and lot.shard = wanted.shard and lot.member_id = wanted.member_id and lot.wallet = wanted.wallet`;

/** Lots that are released, expire or are announced by `now`. */
export const loadLotsDue = async (
  db: Db,
  program: ProgramId,
  accounts: readonly AccountDue[],
  now: Instant,
): Promise<OwnedLot[]> => {
  const rows = await db.run(sql<LotRow>`
    select ${selected}
    from ${wantedAccounts(accounts)}
    cross join lateral (
      select * from lot where ${ofWanted(program)} and lot.pending > 0 and lot.available_at <= ${instantText(now)}::timestamptz
      union
      select * from lot where ${ofWanted(program)} and lot.available > 0 and lot.expires_at <= ${instantText(now)}::timestamptz
      union
      select * from lot
      where ${ofWanted(program)} and lot.available > 0
        and lot.expires_at > wanted.announced_after and lot.expires_at <= wanted.announced_until
      union
      select * from lot
      where wanted.announced_after < wanted.announced_until and ${ofWanted(program)} and lot.pending > 0
        and lot.expires_at > wanted.announced_after and lot.expires_at <= wanted.announced_until
      union
      select * from lot where wanted.slides and ${ofWanted(program)} and lot.available > 0 and lot.expires_at = ${sliding}
      union
      select * from lot where wanted.slides and ${ofWanted(program)} and lot.pending > 0 and lot.expires_at = ${sliding}
    ) l
  `);
  return rows.map(toLot);
};

export interface LaterLots extends LaterInstants {
  readonly member_id: MemberId;
  readonly wallet: string;
}

/** For lots that are not due by `now`: when the first of each account is released, when the first expires, and which expiry is next to be announced. */
export const loadLotsLater = (
  db: Db,
  program: ProgramId,
  accounts: readonly AccountDue[],
  now: Instant,
): Promise<LaterLots[]> =>
  db.run(sql<LaterLots>`
    select wanted.member_id, wanted.wallet,
      (select lot.available_at
       from lot
       where ${ofWanted(program)} and lot.pending > 0 and lot.available_at > ${instantText(now)}::timestamptz
       order by lot.available_at
       limit 1) as releases_from,
      (select lot.expires_at
       from lot
       where ${ofWanted(program)} and lot.available > 0 and lot.expires_at > ${instantText(now)}::timestamptz and lot.expires_at < ${sliding}
       order by lot.expires_at
       limit 1) as expires_from,
      least(
        (select lot.expires_at
         from lot
         where ${ofWanted(program)} and lot.available > 0 and lot.expires_at > wanted.announced_until and lot.expires_at < ${sliding}
         order by lot.expires_at
         limit 1),
        (select min(lot.expires_at)
         from lot
         where ${ofWanted(program)} and lot.pending > 0 and lot.expires_at > wanted.announced_until and lot.expires_at < ${sliding})
      ) as beyond_notice
    from ${wantedAccounts(accounts)}
  `);

/** Lots by their numbers, whatever is left of them; one named twice comes twice. */
export const loadLotsByNumber = async (
  db: Db,
  program: ProgramId,
  lots: readonly { readonly member: MemberId; readonly lot: number }[],
): Promise<OwnedLot[]> => {
  const rows = await db.run(sql<LotRow>`
    select ${selected}
    from unnest(
      ${numbers(lots.map(({ member }) => shardOfMember(member)))}::smallint[],
      ${numbers(lots.map(({ member }) => member))}::bigint[],
      ${numbers(lots.map(({ lot }) => lot))}::integer[]
    ) as wanted (shard, member_id, lot)
    cross join lateral (
      select *
      from lot
      where lot.program_id = ${program} and lot.shard = wanted.shard and lot.member_id = wanted.member_id and lot.lot = wanted.lot
      limit 1
    ) l
  `);
  return rows.map(toLot);
};

/** Every lot that still holds points. */
export const loadLotsLeft = async (db: Db, program: ProgramId, members: readonly MemberId[]): Promise<OwnedLot[]> => {
  const rows = await db.run(sql<LotRow>`
    select ${selected}
    from ${wantedMembers(members)}
    cross join lateral (
      select *
      from lot
      where lot.program_id = ${program} and lot.shard = wanted.shard and lot.member_id = wanted.member_id and (lot.available > 0 or lot.pending > 0)
      order by lot.lot
      limit all
      offset 0
    ) l
  `);
  return rows.map(toLot);
};

/** Where a page of lots in spending order begins: after this lot. */
export interface SpendingPage {
  readonly member: MemberId;
  readonly wallet: string;
  readonly after: Pick<Lot, 'lot' | 'expires_at' | 'slides'>;
}

/** The next lots in spending order, a page for each member and wallet. */
export const loadLotsToSpend = async (
  db: Db,
  program: ProgramId,
  pages: readonly SpendingPage[],
  size: number,
): Promise<OwnedLot[]> => {
  const rows = await db.run(sql<LotRow>`
    select ${selected}
    from unnest(
      ${numbers(pages.map((page) => shardOfMember(page.member)))}::smallint[],
      ${numbers(pages.map((page) => page.member))}::bigint[],
      ${texts(pages.map((page) => page.wallet))}::text[],
      ${texts(pages.map((page) => expiryText(page.after)))}::timestamptz[],
      ${numbers(pages.map((page) => page.after.lot))}::integer[]
    ) as page (shard, member_id, wallet, after_expiry, after_lot)
    cross join lateral (
      select *
      from lot
      where lot.program_id = ${program} and lot.shard = page.shard and lot.member_id = page.member_id and lot.wallet = page.wallet
        and lot.available > 0 and (lot.expires_at, lot.lot) > (page.after_expiry, page.after_lot)
      order by lot.expires_at, lot.lot
      limit ${size}
    ) l
  `);
  return rows.map(toLot);
};

const insertion = (program: ProgramId, lots: readonly OwnedLot[]) => sql`
  insert into lot (
    program_id, shard, member_id, lot, wallet, original, pending, available, held, value_points, value_amount, earned_at, available_at, expires_at
  )
  select ${program}, new.*
  from unnest(
    ${numbers(lots.map(([member]) => shardOfMember(member)))}::smallint[],
    ${numbers(lots.map(([member]) => member))}::bigint[],
    ${numbers(lots.map(([, lot]) => lot.lot))}::integer[],
    ${texts(lots.map(([, lot]) => lot.wallet))}::text[],
    ${numbers(lots.map(([, lot]) => lot.original))}::bigint[],
    ${numbers(lots.map(([, lot]) => lot.pending))}::bigint[],
    ${numbers(lots.map(([, lot]) => lot.available))}::bigint[],
    ${numbers(lots.map(([, lot]) => lot.held))}::bigint[],
    ${numbers(lots.map(([, lot]) => lot.value?.points ?? null))}::bigint[],
    ${numbers(lots.map(([, lot]) => lot.value?.amount ?? null))}::bigint[],
    ${instants(lots.map(([, lot]) => lot.earned_at))}::timestamptz[],
    ${instants(lots.map(([, lot]) => lot.available_at))}::timestamptz[],
    ${expiries(lots.map(([, lot]) => lot))}::timestamptz[]
  ) as new
`;

/** Writes lots that entries of this batch made: nothing is looked for first, which costs a third of the insert. */
export const insertLots = (tx: Tx, program: ProgramId, lots: readonly OwnedLot[]): Promise<unknown[]> =>
  tx.run(insertion(program, lots));

/** Writes what of lots changes: what they still hold, and when they expire once that does not slide any more. */
export const updateLots = (tx: Tx, program: ProgramId, lots: readonly OwnedLot[]): Promise<unknown[]> =>
  tx.run(sql`
    ${insertion(program, lots)}
    on conflict (program_id, shard, member_id, lot) do update
    set pending = excluded.pending, available = excluded.available, held = excluded.held, expires_at = excluded.expires_at
  `);

/** Lots of a member by their numbers, whatever is left of them. */
export const findLots = async (
  db: Db,
  program: ProgramId,
  member: MemberId,
  lots: readonly number[],
): Promise<Lot[]> => {
  const rows = await db.run(sql<LotRow>`
    select ${selected}
    from lot l
    where l.program_id = ${program} and l.shard = ${shardOfMember(member)} and l.member_id = ${member}
      and l.lot = any(${numbers(lots)}::integer[])
    order by l.lot
  `);
  return rows.map((row) => toLot(row)[1]);
};
