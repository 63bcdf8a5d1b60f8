import { Type } from 'typebox';
import { limits } from './limits.ts';

/** A text with places to fill in, in the template language of docs/streams.md. Checked when it is saved. */
export const template = (description: string, example: string, maxLength: number = limits.templateLength) =>
  Type.String({ minLength: 1, maxLength, format: 'text', description, examples: [example] });
