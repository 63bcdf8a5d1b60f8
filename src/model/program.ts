import { type Static, Type } from 'typebox';
import { InstantText } from './instant.ts';
import { limits } from './limits.ts';
import { Currency } from './money.ts';
import { PatchPolicies, Policies } from './policies.ts';
import { closed, named, nullable, openEnum, ref } from './schema.ts';
import { code, text } from './text.ts';

const timeZone = Type.String({
  format: 'time-zone',
  description: 'IANA time zone. Fixed: days, months and windows are counted in it.',
  examples: ['Europe/Paris'],
});
const locale = Type.String({
  pattern: '^[a-z]{2,3}(-[A-Z]{2})?$',
  description: 'Language of texts, BCP 47.',
  examples: ['fr-FR'],
});

export const Program = named(
  'Program',
  Type.Object(
    {
      code: code('Code of the program, unique in the deployment.', 'maison'),
      name: text(limits.textLength, 'Name shown to people.', 'Maison Club'),
      currency: Currency,
      time_zone: timeZone,
      locale,
      sandbox: Type.Boolean({
        description: 'A sandbox program is for tests: its time stands until it is moved. Fixed.',
      }),
      clock: nullable(
        InstantText(
          'The time of a sandbox program: it stands until `POST /v1/sandbox/clock` moves it. Null: real time.',
        ),
      ),
      policies: ref(Policies),
      revision: Type.Integer({ description: 'Grows with every change of the configuration.' }),
      created_at: InstantText('When the program was created.'),
    },
    { description: 'One loyalty programme: the tenant.' },
  ),
);
export type Program = Static<typeof Program>;

export const CreateProgram = named(
  'CreateProgram',
  closed(
    {
      code: Program.properties.code,
      name: Program.properties.name,
      currency: Currency,
      time_zone: timeZone,
      locale: Type.Optional(locale),
      sandbox: Type.Optional(Program.properties.sandbox),
      clock: Type.Optional(InstantText('With `sandbox`: where its clock stands at first. Absent: now.')),
    },
    {
      description: 'A new program, with a wallet `points` and no rule.',
      examples: [{ code: 'maison', name: 'Maison Club', currency: 'EUR', time_zone: 'Europe/Paris' }],
    },
  ),
);
export type CreateProgram = Static<typeof CreateProgram>;

/** Absent: unchanged. Currency and time zone are fixed when the program is created. */
export const PatchProgram = named(
  'PatchProgram',
  closed(
    {
      name: Type.Optional(Program.properties.name),
      locale: Type.Optional(locale),
      policies: Type.Optional(ref(PatchPolicies)),
    },
    { description: 'What to change; absent properties stay.', examples: [{ policies: { late_report_days: null } }] },
  ),
);
export type PatchProgram = Static<typeof PatchProgram>;

export const SCOPES = ['read', 'write', 'adjust', 'configure', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

const keyProperties = {
  name: text(limits.textLength, 'What the key is for.', 'Web shop checkout'),
  scopes: Type.Array(Type.Enum([...SCOPES], { type: 'string' }), {
    minItems: 1,
    maxItems: SCOPES.length,
    uniqueItems: true,
    description:
      'What the key may do: `read`, `write` (members, purchases, redemptions), `adjust`, `configure`, `admin` (keys, program).',
    examples: [['read', 'write']],
  }),
};

export const CreateKey = named(
  'CreateKey',
  closed(
    { ...keyProperties, expires_at: Type.Optional(InstantText('When the key stops working. Absent: never.')) },
    { description: 'A new API key.', examples: [{ name: 'Web shop checkout', scopes: ['read', 'write'] }] },
  ),
);
export type CreateKey = Static<typeof CreateKey>;

const keyView = {
  id: Type.String({ description: 'Public id of the key.', examples: ['key_3f9a1c20b7d4e856'] }),
  name: Type.String({ description: 'What the key is for.' }),
  scopes: Type.Array(openEnum(SCOPES, 'A scope.'), { description: 'What the key may do.' }),
  created_at: InstantText('When the key was made.'),
  expires_at: nullable(InstantText('When the key stops working.')),
  revoked_at: nullable(InstantText('When the key was revoked.')),
  last_used_at: nullable(InstantText('When the key was last used; written at most once a minute.')),
};

export const ApiKey = named('ApiKey', Type.Object(keyView, { description: 'An API key, without its secret.' }));
export type ApiKey = Static<typeof ApiKey>;

export const NewApiKey = named(
  'NewApiKey',
  Type.Object(
    { ...keyView, key: Type.String({ description: 'The secret. Shown once, stored only as a hash.' }) },
    { description: 'An API key with its secret.' },
  ),
);
export type NewApiKey = Static<typeof NewApiKey>;

export const NewProgram = named(
  'NewProgram',
  Type.Object({ program: ref(Program), key: ref(NewApiKey) }, { description: 'A program and its first key.' }),
);
