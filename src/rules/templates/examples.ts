import { type EventType, eventCatalogue, eventSchemaOf } from '../../model/event-catalogue.ts';
import { programEvents } from '../../model/events/program.ts';
import type { StreamedEvent } from '../../model/streamed-event.ts';
import type { TierView } from '../../model/tier-view.ts';
import type { StreamPlace } from './scope.ts';

/* What templates are tried with when they are saved. */

type FieldValues = NonNullable<StreamedEvent['fields']>;

const tiers: TierView[] = [
  {
    scheme: 'main',
    tier: 'silver',
    since: '2026-01-15T10:00:00.000Z',
    next: {
      tier: 'gold',
      clauses: [
        {
          clause: 'spend("365d") >= 50000',
          field: 'spend("365d")',
          needed: 50_000,
          current: 32_000,
          missing: 18_000,
        },
      ],
    },
    stay: { qualified: true, until: '2027-01-15T10:00:00.000Z', projected: 'silver', clauses: [] },
    benefits: { multiplier_percent: 200, perks: ['early-access'] },
  },
];

const values: FieldValues = {
  status: 'active',
  enrolled_at: '2026-01-15T10:00:00.000Z',
  given_name: 'Ada',
  family_name: 'Martin',
  birth_date: '1988-05-17',
  language: 'fr',
  country: 'FR',
  email: 'ada@example.com',
  phone: '+33612345678',
  card: '2099000001',
  crm: 'C-1001',
  tiers,
  segments: ['win-back'],
  balances: { points: { available: 120, pending: 30, held: 0, debt: 0 } },
  referral_code: 'ADA2026',
};

/** A value for each field that was asked for. */
export const exampleFields = (fields: readonly string[]): FieldValues => {
  const below = (kind: string, value: unknown) => {
    const codes = fields.filter((field) => field.startsWith(`${kind}.`)).map((field) => field.slice(kind.length + 1));
    return codes.length === 0 ? {} : { [kind]: Object.fromEntries(codes.map((code) => [code, value])) };
  };
  const plain = fields.filter((field) => !field.includes('.')).map((field) => [field, values[field] ?? null]);
  return { ...Object.fromEntries(plain), ...below('attributes', 'lyon'), ...below('consents', true) };
};

export const examplePlace: StreamPlace = {
  program: { code: 'shop', name: 'The Shop', currency: 'EUR', time_zone: 'Europe/Paris', locale: 'fr' },
  stream: { code: 'crm', name: 'CRM' },
};

/** An event of this type as a stream would tell it. */
export const exampleEvent = (type: EventType, fields: readonly string[]): StreamedEvent => {
  const ofProgram = Object.hasOwn(programEvents, type);
  return {
    id: 'evt_2s_5',
    type,
    timestamp: '2026-03-01T09:30:00.000Z',
    recorded_at: '2026-03-01T09:30:00.120Z',
    position: 4711,
    member: ofProgram ? null : 'm-1001',
    number: ofProgram ? null : 5,
    data: { ...eventSchemaOf(type).example },
    ...(ofProgram || fields.length === 0 ? {} : { fields: exampleFields(fields) }),
  };
};

const mapped = (value: unknown, of: (leaf: unknown) => unknown): unknown => {
  if (Array.isArray(value)) return value.map((item) => mapped(item, of));
  if (typeof value !== 'object' || value === null) return of(value);
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapped(item, of)]));
};

/** The same with a text, which could be anything, where anything stands. */
export const asTexts = (event: StreamedEvent): StreamedEvent => ({
  ...event,
  data: mapped(event.data, () => 'a "text"') as StreamedEvent['data'],
  ...(event.fields === undefined ? {} : { fields: mapped(event.fields, () => 'a "text"') as FieldValues }),
});

/** The same of a member about whom nothing is known. */
export const withoutFields = (event: StreamedEvent): StreamedEvent =>
  event.fields === undefined ? event : { ...event, fields: mapped(event.fields, () => null) as FieldValues };

export const isEventType = (type: string): type is EventType => Object.hasOwn(eventCatalogue, type);
