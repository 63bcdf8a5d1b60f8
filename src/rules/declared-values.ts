import type { Context } from '../model/context.ts';
import type { FieldDeclaration } from '../model/field-declaration.ts';
import type { Fault } from '../model/problem.ts';
import { oneOf } from './suggest.ts';

const JSON_TYPES = { string: 'string', integer: 'number', boolean: 'boolean' } as const;
const expectedTypes = { string: 'text', integer: 'a whole number', boolean: 'true or false' } as const;

const faultOfValue = (
  pointer: string,
  code: string,
  { type, values }: FieldDeclaration,
  value: string | number | boolean,
): Fault[] => {
  if (typeof value !== JSON_TYPES[type])
    return [{ pointer, code, detail: `a value of another type (${typeof value})`, expected: expectedTypes[type] }];
  if (typeof value !== 'string' || values === null || values.includes(value)) return [];
  return [{ pointer, code, detail: 'a value that is not allowed', expected: oneOf(value, values) }];
};

/** Values that do not fit their declaration. What is not declared is `unknown`, or passes where that is null. */
export const faultsOfValues = (
  values: Context | undefined,
  declared: ReadonlyMap<string, FieldDeclaration>,
  pointer: '/fields' | '/context',
  codes: { readonly unknown: string | null; readonly invalid: string },
): Fault[] =>
  Object.entries(values ?? {}).flatMap(([name, value]): Fault[] => {
    const declaration = declared.get(name);
    if (declaration !== undefined) return faultOfValue(`${pointer}/${name}`, codes.invalid, declaration, value);
    if (codes.unknown === null) return [];
    const known = [...declared.keys()];
    return [
      {
        pointer: `${pointer}/${name}`,
        code: codes.unknown,
        detail: `no field ${name} is declared`,
        expected: known.length === 0 ? 'no field' : oneOf(name, known),
      },
    ];
  });
