import {
  type Static,
  type TObject,
  type TProperties,
  type TSchema,
  type TSchemaOptions,
  type TUnsafe,
  Type,
} from 'typebox';

/** Gives a schema its component name in the OpenAPI document. */
export const named = <S extends TSchema>($id: string, schema: S): S & { $id: string } => Object.assign(schema, { $id });

/** A typed `$ref` to a named schema: the document says the name, the compiler keeps the type. */
export const ref = <S extends TSchema & { $id: string }>(schema: S): TUnsafe<Static<S>> =>
  Type.Unsafe<Static<S>>({ $ref: `${schema.$id}#` });

/** An object that refuses properties it does not declare. `Type.Partial` and friends lose that, so every input uses this. */
export const closed = <P extends TProperties>(properties: P, options: object = {}): TObject<P> =>
  Type.Object(properties, { additionalProperties: false, ...options });

/** `T` or null, as JSON Schema's type list would say it. */
export const nullable = <S extends TSchema>(schema: S, options: TSchemaOptions = {}) =>
  Type.Union([schema, Type.Null()], options);

/** An object or null whose own defaults are filled in: within the `anyOf` of `nullable` validation would not do so. */
export const objectOrNull = <T>(schema: object, description: string) =>
  Type.Unsafe<T | null>({ ...schema, type: ['object', 'null'], default: null, description });

/** A response enum is open: clients must accept values they do not know. */
export const openEnum = <const V extends readonly string[]>(values: V, description: string) =>
  Type.Unsafe<V[number]>({
    type: 'string',
    examples: [values[0]],
    description: `${description} One of ${values.map((v) => `\`${v}\``).join(', ')}; more may come.`,
  });

/**
 * An input whose optional properties carry a `default` that validation fills in: what the route reads, and what is
 * stored, is always whole.
 */
export const defaulted = <P extends TProperties>(properties: P, options: object = {}): TObject<P> => {
  const required = Object.keys(properties).filter((name) => !('default' in (properties[name] as object)));
  return Object.assign(closed(properties, options), { required });
};

/** Marks a schema that is there to be read: what a request holds is checked by code that explains faults better. */
export const checkedElsewhere = <S extends TSchema>(schema: S): S =>
  Object.assign(schema, { 'x-checked-elsewhere': true });
