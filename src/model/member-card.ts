import { type Static, Type } from 'typebox';
import { Balances } from './account.ts';
import { InstantText } from './instant.ts';
import { MEMBER_STATUSES } from './member.ts';
import { Points } from './points.ts';
import { named, nullable, openEnum, ref } from './schema.ts';
import { Clause } from './tier-view.ts';

/** What a pass template is filled with: `value` is text in the program's language. */
export const CardField = named(
  'CardField',
  Type.Object(
    {
      key: Type.String({
        description: 'Names the field: `name`, `tier.SCHEME`, `points.WALLET`, `expiring.WALLET`, `next_tier.SCHEME`.',
        examples: ['points.points'],
      }),
      label: Type.String({ description: 'What stands above the value.', examples: ['Points'] }),
      value: Type.String({ description: 'What is shown.', examples: ['1,250'] }),
    },
    { description: 'A field of a pass.' },
  ),
);
export type CardField = Static<typeof CardField>;

export const MemberCard = named(
  'MemberCard',
  Type.Object(
    {
      number: Type.String({ description: 'The member’s first card, else the member’s id.', examples: ['2099000001'] }),
      barcode: Type.Object(
        {
          format: openEnum(
            ['code128', 'qr'],
            'How it is best drawn: the lines that every till reads where the number is short, else a square.',
          ),
          message: Type.String({ description: 'What the barcode says: the number.' }),
          alt_text: Type.String({ description: 'What stands below it, for who types.' }),
        },
        { description: 'What is scanned at the till.' },
      ),
      member: Type.String({ description: 'The member’s id.' }),
      status: openEnum(MEMBER_STATUSES, 'Status of the membership.'),
      display_name: nullable(Type.String({ description: 'Given and family name, as far as they are known.' })),
      program: Type.String({ description: 'The name of the program.' }),
      tiers: Type.Array(
        Type.Object({
          scheme: Type.String({ description: 'Code of the tier scheme.' }),
          tier: nullable(Type.String({ description: 'Code of the tier held. Null: none.' })),
          name: nullable(Type.String({ description: 'Its name.' })),
          perks: Type.Array(Type.String(), { description: 'What it gives.' }),
          next: nullable(
            Type.Object(
              {
                tier: Type.String({ description: 'Code of the next tier up.' }),
                name: Type.String({ description: 'Its name.' }),
                clauses: Type.Array(Clause, { description: 'What is missing to it.' }),
              },
              { description: 'What it takes to rise. Null: nothing is above.' },
            ),
          ),
        }),
        { description: 'The tier held in each scheme.' },
      ),
      balances: Type.Array(ref(Balances), { description: 'Balances, one for each wallet.' }),
      expiring: nullable(
        Type.Object(
          {
            wallet: Type.String({ description: 'Code of the wallet.' }),
            points: Points('Available points that expire.'),
            expires_at: InstantText('When they expire.'),
          },
          { description: 'What expires next, within 90 days. Null: nothing.' },
        ),
      ),
      fields: Type.Array(ref(CardField), { description: 'The same as text, ready for a template.' }),
    },
    { description: 'What a card in a wallet app, or a display at the till, shows of a member.' },
  ),
);
export type MemberCard = Static<typeof MemberCard>;
