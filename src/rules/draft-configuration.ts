import type { Condition } from '../model/condition.ts';
import type { Configuration, Resource, ResourceKind } from '../model/configuration.ts';
import {
  type ConfigurationDocument,
  type ResourceDocument,
  resourceKinds,
  resourceSchemas,
} from '../model/configuration-document.ts';
import { Policies } from '../model/policies.ts';
import type { Fault } from '../model/problem.ts';
import { checkConfiguration } from './check-configuration.ts';
import { conditionProperties } from './condition-properties.ts';
import { differences } from './differences.ts';
import { incomingBody } from './incoming-body.ts';
import { inForce } from './resources.ts';

type Bodies = Readonly<Record<string, object>>;
type Resources = Readonly<Record<string, Resource<object>>>;

/** A body with its properties in the order of their documentation, whatever order the database has. */
export const inOrder = <B extends object>(schema: { readonly properties: object }, body: B): B => {
  const values = new Map(Object.entries(body));
  return Object.fromEntries(Object.keys(schema.properties).map((name) => [name, values.get(name)])) as B;
};

/** What is in force of a configuration, as a document that says all of it. */
export const documentOf = (configuration: Configuration): ResourceDocument & { readonly policies: Policies } => {
  const bodies = resourceKinds.map((kind) => {
    const found = inForce<object>(configuration[kind]);
    return [kind, Object.fromEntries(found.map(([code, body]) => [code, inOrder(resourceSchemas[kind], body)]))];
  });
  return { policies: inOrder(Policies, configuration.policies), ...Object.fromEntries(bodies) };
};

/** What a document makes of a configuration. Equal to what there was, by identity: it changes nothing. */
export interface Draft {
  readonly configuration: Configuration;
  /** Everything that keeps it from being taken. Bodies at fault by themselves are left as they were in the draft. */
  readonly faults: readonly Fault[];
}

const isSame = (before: unknown, after: unknown): boolean => differences('', before, after).length === 0;

const ALWAYS: Condition = { field: 'purchases', op: 'gte', value: 0 };

/** A body at fault without the conditions that may be: others may name it, and they are not at fault for that. */
const standIn = (kind: ResourceKind, body: object): object => ({
  ...body,
  ...Object.fromEntries(
    conditionProperties(kind)
      .filter((name) => Object.hasOwn(body, name))
      .map((name) => [name, ALWAYS]),
  ),
});

/**
 * The resources of a kind as a document wants them. Those it leaves as they are keep their revision. `named` is what
 * the rest is checked against: it has something of every code that the document names.
 */
const draftKind = (kind: ResourceKind, current: Resources, wanted: Bodies, revision: number) => {
  const faults: Fault[] = [];
  const changes: Record<string, Resource<object>> = {};
  const standIns: Record<string, Resource<object>> = {};
  for (const [code, body] of Object.entries(wanted)) {
    const existing = Object.hasOwn(current, code) ? current[code] : undefined;
    const incoming = incomingBody(kind, body, existing?.body);
    faults.push(...incoming.faults.map((fault) => ({ ...fault, pointer: `/${kind}/${code}${fault.pointer}` })));
    if (incoming.faults.length > 0) {
      if (existing?.archived !== false)
        standIns[code] = { revision, archived: false, body: standIn(kind, incoming.value) };
      continue;
    }
    if (existing?.archived === false && isSame(existing.body, incoming.value)) continue;
    changes[code] = { revision, archived: false, body: incoming.value };
  }
  for (const [code, existing] of Object.entries(current)) {
    if (!existing.archived && !Object.hasOwn(wanted, code)) changes[code] = { ...existing, revision, archived: true };
  }
  const resources = Object.keys(changes).length === 0 ? current : { ...current, ...changes };
  return { resources, named: { ...resources, ...standIns }, faults };
};

/** Pure: what a document, which has the shape of its schema, makes of a configuration in the revision it would get. */
export const draftConfiguration = (
  current: Configuration,
  { policies = current.policies, ...document }: ConfigurationDocument,
  revision: number,
): Draft => {
  let configuration = isSame(current.policies, policies) ? current : { ...current, policies };
  let named = configuration;
  const faults: Fault[] = [];
  for (const kind of resourceKinds) {
    const wanted = document[kind];
    if (wanted === undefined) continue;
    const drafted = draftKind(kind, current[kind], wanted, revision);
    faults.push(...drafted.faults);
    named = { ...named, [kind]: drafted.named };
    if (drafted.resources !== current[kind]) configuration = { ...configuration, [kind]: drafted.resources };
  }
  return { configuration, faults: [...faults, ...checkConfiguration(named)] };
};
