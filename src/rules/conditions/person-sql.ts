import { sql } from 'kysely';
import type { ConditionField } from './field.ts';
import type { Fragment } from './numbers-sql.ts';

/*
 * What is kept about the person. Declarations change and old values stay: every cast is guarded, so that one member's
 * attribute of another type is absent and does not end the query. The guards nest because `and` promises no order.
 */

const STORED_INSTANT = '^\\d{4}-\\d\\d-\\d\\dT([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(\\.\\d{1,3})?Z$';
const STORED_DATE = '^\\d{4}-\\d\\d-\\d\\d$';

const guardedText = (text: Fragment, form: string, type: 'timestamptz' | 'date'): Fragment =>
  sql`case when ${text} ~ ${form} then case when pg_input_is_valid(${text}, ${sql.lit(type)}) then (${text})::${sql.raw(type)} end end`;

const attributeSql = (code: string, field: ConditionField): Fragment => {
  const value = sql`(p.attributes -> ${code}::text)`;
  const text = sql`(p.attributes ->> ${code}::text)`;
  const when = (kind: string, then: Fragment): Fragment =>
    sql`case when jsonb_typeof(${value}) = ${sql.lit(kind)} then ${then} end`;
  switch (field.type) {
    case 'string':
      return when('string', text);
    case 'boolean':
      return when('boolean', sql`${value}::boolean`);
    case 'integer': {
      const number = sql`${value}::numeric`;
      const exact = sql`${number} = trunc(${number}) and abs(${number}) <= ${Number.MAX_SAFE_INTEGER}::numeric`;
      return when('number', sql`case when ${exact} then ${number} end`);
    }
    case 'instant':
      return when('string', guardedText(text, STORED_INSTANT, 'timestamptz'));
    case 'date':
      return when('string', guardedText(text, STORED_DATE, 'date'));
    case 'set':
      return when('array', value);
  }
};

const after = (name: string, prefix: string): string | undefined =>
  name.startsWith(prefix) ? name.slice(prefix.length) : undefined;

/** Where the value of a field of the person stands. Throws for what is not there to be selected by: triggers. */
export const personSql = (field: ConditionField): Fragment => {
  const { name } = field;
  if (name === 'birth_date') return guardedText(sql`(p.profile ->> 'birth_date')`, STORED_DATE, 'date');
  if (name === 'language' || name === 'country') return sql`(p.profile ->> ${sql.lit(name)})`;
  if (name === 'tags') return sql`p.tags`;
  const acquisition = after(name, 'acquisition_');
  if (acquisition !== undefined) return sql`(p.acquisition ->> ${sql.lit(acquisition)})`;
  const purpose = after(name, 'consents.');
  if (purpose !== undefined) return sql`(p.consents -> ${purpose}::text ->> 'granted')::boolean`;
  const attribute = after(name, 'attributes.');
  if (attribute !== undefined) return attributeSql(attribute, field);
  throw new Error(`${name} is of a trigger: members cannot be selected by it`);
};
