import { type Static, type TSchemaOptions, Type } from 'typebox';
import { limits } from './limits.ts';
import { text } from './text.ts';

/** Values by name, as purchases and activities carry them. */
export const Values = (options: TSchemaOptions) =>
  Type.Record(
    Type.String({ pattern: '^[a-z][a-z0-9_]{0,63}$' }),
    Type.Union([
      text(limits.textLength, 'Text.'),
      Type.Integer({ minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }),
      Type.Boolean(),
    ]),
    { maxProperties: limits.contextFields, additionalProperties: false, ...options },
  );

export const Context = Values({
  description:
    'The circumstances: device, weather, campaign. Conditions read what is declared as a context field, and such a value must fit its declaration. No personal data.',
  examples: [{ device: 'mobile' }],
});
export type Context = Static<typeof Context>;
