import type { Configuration, Resource, ResourceKind } from '../model/configuration.ts';
import { type ConfigurationChange, resourceKinds } from '../model/configuration-document.ts';
import { differences } from './differences.ts';

type Resources = Readonly<Record<string, Resource<object>>>;

const find = (resources: Resources, code: string): Resource<object> | undefined =>
  Object.hasOwn(resources, code) ? resources[code] : undefined;

const changeOf = (
  kind: ResourceKind,
  code: string,
  before: Resource<object> | undefined,
  after: Resource<object> | undefined,
): ConfigurationChange[] => {
  const was = before?.archived === false ? before.body : undefined;
  const is = after?.archived === false ? after.body : undefined;
  const pointer = `/${kind}/${code}`;
  if (was !== undefined && is !== undefined) {
    const diff = differences(pointer, was, is);
    return diff.length === 0 ? [] : [{ kind, code, action: 'changed', diff }];
  }
  if (is !== undefined) {
    const action = before === undefined ? 'created' : 'revived';
    return [{ kind, code, action, diff: [{ pointer, after: is }] }];
  }
  return was === undefined ? [] : [{ kind, code, action: 'archived', diff: [{ pointer, before: was }] }];
};

const changesOfKind = (kind: ResourceKind, before: Resources, after: Resources): ConfigurationChange[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .sort()
    .flatMap((code) => changeOf(kind, code, find(before, code), find(after, code)));

/**
 * How what is in force in one configuration differs from what is in another, resource by resource. Seen from the first:
 * what only it has is `archived`, whichever of them is older.
 */
export const configurationChanges = (before: Configuration, after: Configuration): ConfigurationChange[] => {
  const diff = differences('/policies', before.policies, after.policies);
  return [
    ...(diff.length === 0 ? [] : [{ kind: 'policies', code: null, action: 'changed', diff } as const]),
    ...resourceKinds.flatMap((kind) => changesOfKind(kind, before[kind], after[kind])),
  ];
};
