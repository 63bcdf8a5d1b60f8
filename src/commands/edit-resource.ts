import { isDeepStrictEqual } from 'node:util';
import type { Configuration, Resource, ResourceBodies, ResourceKind } from '../model/configuration.ts';
import { type Refusal, refuse } from '../model/decision.ts';
import type { Fault } from '../model/problem.ts';
import { calendarOf } from '../rules/calendar.ts';
import { placedConditions } from '../rules/condition-places.ts';
import { dependenciesOf } from '../rules/conditions/dependencies.ts';
import { fieldsOf } from '../rules/conditions/fields.ts';
import { incomingBody } from '../rules/incoming-body.ts';
import { findResource } from '../rules/resources.ts';
import { walletReferences } from '../rules/wallet-references.ts';
import type { Database } from '../store/database.ts';
import { type Author, changeConfiguration, type Edit, edited, invalidConfiguration } from './configure.ts';
import { type Precondition, unmet } from './precondition.ts';

/** A piece of configuration by its kind and code. */
export interface ResourceName<K extends ResourceKind> {
  readonly kind: K;
  readonly code: string;
}

/** A resource after a change. */
export interface ChangedResource<K extends ResourceKind> {
  readonly outcome: 'changed';
  readonly created: boolean;
  readonly resource: Resource<ResourceBodies[K]>;
}

const withResource = <K extends ResourceKind>(
  configuration: Configuration,
  { kind, code }: ResourceName<K>,
  resource: Resource<ResourceBodies[K]>,
): Configuration => ({ ...configuration, [kind]: { ...configuration[kind], [code]: resource } });

const put =
  <K extends ResourceKind>(name: ResourceName<K>, body: ResourceBodies[K], precondition: Precondition): Edit =>
  ({ configuration, row }, revision) => {
    const existing = findResource(configuration, name.kind, name.code);
    const refusal = unmet(precondition, existing?.revision ?? null);
    if (refusal !== null) return refusal;
    const incoming = incomingBody(name.kind, body, existing?.body);
    if (incoming.faults.length > 0) return invalidConfiguration(incoming.faults);
    if (existing?.archived === false && isDeepStrictEqual(existing.body, incoming.value))
      return edited(configuration, row);
    return edited(withResource(configuration, name, { revision, archived: false, body: incoming.value }), row);
  };

const archive =
  <K extends ResourceKind>(name: ResourceName<K>, precondition: Precondition): Edit =>
  ({ configuration, row }, revision) => {
    const existing = findResource(configuration, name.kind, name.code);
    if (existing === undefined) return refuse('not_found', `there is no ${name.code}`);
    const refusal = unmet(precondition, existing.revision) ?? inUse(configuration, name);
    if (refusal !== null) return refusal;
    if (existing.archived) return edited(configuration, row);
    return edited(withResource(configuration, name, { ...existing, revision, archived: true }), row);
  };

/** Conditions that count points of a wallet; those with faults were never saved. */
const countingWallet = (configuration: Configuration, wallet: string): { pointer: string }[] => {
  const context = { fields: fieldsOf(configuration), calendar: calendarOf('UTC'), trigger: 'none' } as const;
  return placedConditions(configuration).filter(({ condition, trigger }) =>
    dependenciesOf(condition, { ...context, trigger }).wallets.includes(wallet),
  );
};

/** Wallets alone are looked for here: where conditions name what is archived, the check of the whole says so. */
const inUse = (configuration: Configuration, { kind, code }: ResourceName<ResourceKind>): Refusal | null => {
  if (kind !== 'wallets') return null;
  const giving = walletReferences(configuration).filter(({ wallet }) => wallet === code);
  const errors = [...giving, ...countingWallet(configuration, code)].map(({ pointer }) => ({
    pointer,
    code: 'in_use',
    detail: `refers to ${code}`,
    expected: 'another wallet',
  }));
  return errors.length === 0 ? null : refuse('in_use', `${code} is referred to`, { errors });
};

/** Pointers of faults in the resource at hand become relative to its body; its code stands in the path. */
const relativeTo = ({ kind, code }: ResourceName<ResourceKind>, refusal: Refusal): Refusal => {
  if (refusal.errors === undefined) return refusal;
  const own = `/${kind}/${code}`;
  const errors = refusal.errors.map((fault) => {
    if (fault.pointer === own) return { ...fault, pointer: '/path/code' };
    return fault.pointer.startsWith(`${own}/`) ? { ...fault, pointer: fault.pointer.slice(own.length) } : fault;
  });
  return { ...refusal, errors };
};

const change = async <K extends ResourceKind>(
  database: Database,
  author: Author,
  name: ResourceName<K>,
  edit: Edit,
  found: readonly Fault[] = [],
): Promise<ChangedResource<K> | Refusal> => {
  let created = false;
  const deciding: Edit = (current, revision) => {
    created = findResource(current.configuration, name.kind, name.code) === undefined;
    return edit(current, revision);
  };
  const result = await changeConfiguration(database, author, deciding, found);
  if ('outcome' in result) return relativeTo(name, result);
  const resource = findResource(result.configuration, name.kind, name.code);
  if (resource === undefined) throw new Error(`${name.kind} ${name.code} is not in the configuration just saved`);
  return { outcome: 'changed', created, resource };
};

/**
 * Creates a resource, replaces it, or revives an archived one. The same content changes nothing. `found`: faults known
 * already, as pointers into a document. Refusals: `precondition_required`, `precondition_failed`,
 * `invalid_configuration`.
 */
export const putResource = <K extends ResourceKind>(
  database: Database,
  author: Author,
  name: ResourceName<K>,
  body: ResourceBodies[K],
  precondition: Precondition,
  found: readonly Fault[] = [],
): Promise<ChangedResource<K> | Refusal> => change(database, author, name, put(name, body, precondition), found);

/**
 * Takes a resource out of force; it keeps its code and can be put again. Refusals: `not_found`,
 * `precondition_required`, `precondition_failed`, `in_use`, `invalid_configuration` (the last wallet).
 */
export const archiveResource = <K extends ResourceKind>(
  database: Database,
  author: Author,
  name: ResourceName<K>,
  precondition: Precondition,
): Promise<ChangedResource<K> | Refusal> => change(database, author, name, archive(name, precondition));
