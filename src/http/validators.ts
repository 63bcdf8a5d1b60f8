import type { ErrorObject } from 'ajv';
import type { TSchema } from 'typebox';
import type { App } from './services.ts';

/** Holds a value against a schema as the routes do, defaults filled in; the faults are left in `errors`. */
export type Check = ((value: unknown) => unknown) & { errors?: ErrorObject[] | null };

/** The app's own validators for what is not the body of a route: each made when it is first asked for. */
export const checksOf = (app: App) => {
  const known = new Map<string, Check>();
  return (name: string, place: 'params' | 'body', schema: TSchema): Check => {
    const found = known.get(`${name} ${place}`);
    if (found !== undefined) return found;
    const compile = app.validatorCompiler;
    if (compile === undefined) throw new Error('the app has no validator');
    const check = compile({ schema, method: 'POST', url: '/', httpPart: place }) as Check;
    known.set(`${name} ${place}`, check);
    return check;
  };
};
