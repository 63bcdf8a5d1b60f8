import type { ResourceKind } from '../model/configuration.ts';
import type { Fault } from '../model/problem.ts';

const typeOf = (declaration: unknown): unknown =>
  typeof declaration === 'object' && declaration !== null && 'type' in declaration ? declaration.type : undefined;

const fieldsOf = (body: object): Readonly<Record<string, unknown>> =>
  'fields' in body && typeof body.fields === 'object' && body.fields !== null ? { ...body.fields } : {};

const changed = (pointer: string, before: unknown, after: unknown): Fault[] => {
  const [was, is] = [typeOf(before), typeOf(after)];
  if (was === undefined || is === undefined || was === is) return [];
  return [{ pointer: `${pointer}/type`, code: 'fixed', detail: `the type is ${was}`, expected: `${was}` }];
};

/**
 * Values were checked against the types of attributes, context fields and fields of activities when they came, and
 * conditions read them as such: a type stays as it was declared, even while it is archived.
 */
export const fixedTypes = (kind: ResourceKind, before: object, after: object): Fault[] => {
  if (kind === 'attributes' || kind === 'context_fields') return changed('', before, after);
  if (kind !== 'activity_types') return [];
  const declared = fieldsOf(after);
  return Object.entries(fieldsOf(before))
    .filter(([name]) => Object.hasOwn(declared, name))
    .flatMap(([name, field]) => changed(`/fields/${name}`, field, declared[name]));
};
