import { Type } from 'typebox';
import { limits } from './limits.ts';

/** Postgres cannot store NUL, and a lone surrogate is not text: `format: "text"` refuses both. */
export const text = (maxLength: number, description: string, example?: string) =>
  Type.String({
    minLength: 1,
    maxLength,
    format: 'text',
    description,
    ...(example === undefined ? {} : { examples: [example] }),
  });

/** The form of codes. */
export const CODE = '^[a-z][a-z0-9_-]{0,63}$';

/** A code chosen by the caller for a piece of configuration. */
export const code = (description: string, example: string, fallback?: string) =>
  Type.String({
    pattern: CODE,
    maxLength: limits.codeLength,
    description,
    examples: [example],
    ...(fallback === undefined ? {} : { default: fallback }),
  });

/** The caller's own id of a member, a purchase or a redemption: visible ASCII, no space, slash or question mark. */
export const callerId = (description: string, example: string) =>
  Type.String({
    pattern: '^[A-Za-z0-9][A-Za-z0-9._~@=+-]{0,127}$',
    maxLength: limits.idLength,
    description,
    examples: [example],
  });
