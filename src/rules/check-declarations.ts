import type { ActivityType } from '../model/activity-type.ts';
import type { Configuration } from '../model/configuration.ts';
import type { Fault } from '../model/problem.ts';
import { builtInActivities } from './built-in-activities.ts';
import { inForce } from './resources.ts';

interface Declaration {
  readonly type: string;
  readonly values: readonly string[] | null;
}

/** Only texts can be listed: `noun` is an attribute, or a field. */
const checkValues = (pointer: string, noun: string, types: string, { type, values }: Declaration): Fault[] =>
  values === null || type === 'string' || type === 'set'
    ? []
    : [
        {
          pointer: `${pointer}/values`,
          code: 'not_applicable',
          detail: `${noun} of type ${type} has no list of values`,
          expected: `null, or type ${types}`,
        },
      ];

/** The engine knows what its own types mean: their reports, counts and fields are not for a program to change. */
const checkActivityType = ([code, { fields }]: readonly [string, ActivityType]): Fault[] => {
  const pointer = `/activity_types/${code}`;
  const builtIn = builtInActivities.get(code);
  if (builtIn !== undefined) {
    const known = Object.keys(builtIn.fields);
    const detail = `${code} is built in${known.length === 0 ? '' : `, with the field ${known.join(', ')}`}`;
    return [{ pointer, code: 'reserved', detail, expected: 'another code; what is built in needs no declaration' }];
  }
  return Object.entries(fields).flatMap(([name, field]) =>
    // Of what objects inherit, only this has the form of a name.
    name === 'constructor'
      ? [{ pointer: `${pointer}/fields/${name}`, code: 'reserved', detail: name, expected: 'another name' }]
      : checkValues(`${pointer}/fields/${name}`, 'a field', 'string', field),
  );
};

/** What is wrong with what is declared: attributes, fields of the context, types of activity. */
export const checkDeclarations = (configuration: Configuration): Fault[] => [
  ...inForce(configuration.attributes).flatMap(([code, attribute]) =>
    checkValues(`/attributes/${code}`, 'an attribute', 'string or set', attribute),
  ),
  ...inForce(configuration.context_fields).flatMap(([code, field]) =>
    checkValues(`/context_fields/${code}`, 'a field', 'string', field),
  ),
  ...inForce(configuration.activity_types).flatMap(checkActivityType),
];
