import { Type } from 'typebox';
import { InstantText } from '../instant.ts';
import { nullable, openEnum } from '../schema.ts';
import {
  backfill,
  entry,
  entryOrNull,
  eventSchema,
  optionalReward,
  points,
  redemption,
  wallet,
} from './event-schema.ts';

const moved = { wallet, points, entry };
const movedExample = { wallet: 'points', points: 120, entry: 'ent_2s_4' };
const spent = { redemption, wallet, points, entry: entryOrNull, reward: optionalReward };
const spentExample = { redemption: 'r-2026-0001', ...movedExample };

export const pointsEvents = {
  'points.earned': eventSchema(
    'Points were given by earn rules. What of them paid a debt is told by `points.debt_recovered`.',
    { ...moved, pending: Type.Boolean({ description: 'Whether they are pending: `points.released` follows.' }) },
    { ...movedExample, pending: false },
  ),
  'points.released': eventSchema('Pending points became available.', moved, movedExample),
  'points.held': eventSchema(
    'Points were held for a redemption.',
    { ...spent, expires_at: InstantText('When the hold lapses.') },
    { ...spentExample, expires_at: '2026-03-01T10:00:00.000Z' },
  ),
  'hold.released': eventSchema(
    'Held points, or what was not captured of them, are available again.',
    {
      redemption,
      wallet,
      points,
      reward: optionalReward,
      because: openEnum(['captured', 'voided', 'lapsed'], 'What ended the hold.'),
    },
    { redemption: 'r-2026-0001', wallet: 'points', points: 120, because: 'lapsed' },
  ),
  'points.redeemed': eventSchema('Points were spent, at once or out of a hold.', spent, spentExample),
  'points.refunded': eventSchema(
    'Points of a redemption were given back.',
    {
      redemption,
      wallet,
      points,
      expired: Type.Integer({ description: 'How many of them expired at once, as their lots had.' }),
      reward: optionalReward,
    },
    { redemption: 'r-2026-0001', wallet: 'points', points: 120, expired: 0 },
  ),
  'grace.granted': eventSchema(
    'Points that came back after their lots had expired were given anew for a while.',
    moved,
    movedExample,
  ),
  'points.expiring': eventSchema(
    'Points will expire, as long ahead as the program says. Told once for each instant.',
    {
      wallet,
      points: Type.Integer({ description: 'How many available ones.' }),
      pending: Type.Integer({ description: 'How many are still pending.' }),
      expires_at: InstantText('When.'),
    },
    { wallet: 'points', points: 120, pending: 0, expires_at: '2027-03-31T22:00:00.000Z' },
  ),
  'points.expired': eventSchema('Points expired.', { ...moved, backfill }, movedExample),
  'points.adjusted': eventSchema(
    'A person gave or took points.',
    { wallet, points: Type.Integer({ description: 'How many. Negative: taken.' }) },
    { wallet: 'points', points: -50 },
  ),
  'balance.opened': eventSchema(
    'What a member had of a wallet in the system before was taken over.',
    {
      wallet,
      points: Type.Integer({ minimum: 0, description: 'How many points, over all lots.' }),
      pending: Type.Integer({ minimum: 0, description: 'How many of them are pending.' }),
      expired: Type.Integer({ minimum: 0, description: 'How many of them had expired by now, and went at once.' }),
      debt: Type.Integer({ minimum: 0, description: 'Points owed.' }),
      backfill,
    },
    { wallet: 'points', points: 620, pending: 0, expired: 0, debt: 0, backfill: true },
  ),
  'points.transferred': eventSchema(
    'Points went to another member, or came from one.',
    {
      transfer: Type.String({ description: 'Id of the transfer.', examples: ['trf_2s_4'] }),
      side: openEnum(['sent', 'received'], 'Which side this member is.'),
      wallet,
      points,
    },
    { transfer: 'trf_2s_4', side: 'sent', wallet: 'points', points: 120 },
  ),
  'points.merged': eventSchema(
    'Points or debt passed from one member to the other because they were merged, or parted.',
    {
      merge: Type.String({ description: 'Id of the merge.', examples: ['mrg_2s_4'] }),
      side: openEnum(['sent', 'received'], 'Which side this member is.'),
      wallet,
      points: Type.Integer({ description: 'Available points that passed.' }),
      pending: Type.Integer({ description: 'Pending points that passed.' }),
      debt: Type.Integer({ description: 'Points owed that passed.' }),
    },
    { merge: 'mrg_2s_4', side: 'sent', wallet: 'points', points: 120, pending: 0, debt: 0 },
  ),
  'points.debt_recovered': eventSchema('Points that were earned paid a debt.', moved, movedExample),
  'points.returned': eventSchema(
    'Points were taken back because of a return.',
    {
      return: nullable(
        Type.String({ description: 'The caller’s id of the return. Null: of a friend’s purchase, or without an id.' }),
      ),
      wallet,
      points: Type.Integer({ description: 'How many. Negative: given, as what is left gives more.' }),
      debt: Type.Integer({ description: 'How many of them were not there and are owed.' }),
      written_off: Type.Integer({ description: 'How many of them were not there and are written off.' }),
    },
    { return: 'ret-1', wallet: 'points', points: 40, debt: 0, written_off: 0 },
  ),
};
