import type { TSchema } from 'typebox';

/** Whether a value is a schema with a component name. */
export const isSchema = (value: unknown): value is TSchema & { $id: string } =>
  typeof value === 'object' && value !== null && '$id' in value && typeof value.$id === 'string';
