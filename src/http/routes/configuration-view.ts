import type { FastifyRequest } from 'fastify';
import type { TProperties, TSchema } from 'typebox';
import type { Resource, ResourceKind } from '../../model/configuration.ts';
import { closed } from '../../model/schema.ts';
import { code } from '../../model/text.ts';
import { conditionTexts } from '../../rules/condition-properties.ts';
import { inOrder } from '../../rules/draft-configuration.ts';

/** What tells the kinds of configuration apart. */
export interface ConfigurationResource {
  readonly kind: ResourceKind;
  readonly path: string;
  readonly noun: string;
  readonly operations: { readonly list: string; readonly get: string; readonly put: string; readonly archive: string };
  readonly body: TSchema & { $id: string; properties: TProperties };
  readonly view: TSchema & { $id: string };
  /** A code for the documentation. */
  readonly example: string;
  /** What is checked besides the shape, and what a change brings about. */
  readonly about: string;
}

/**
 * How a resource is shown: its properties in the order of their documentation, whatever order the database has, and its
 * conditions also as text.
 */
export const viewOf = ({ kind, body: schema }: ConfigurationResource, code: string, found: Resource<object>) => ({
  code,
  revision: found.revision,
  archived: found.archived,
  ...inOrder(schema, found.body),
  ...conditionTexts(kind, found.body),
});

export const byCode = ({ noun, example }: ConfigurationResource) =>
  closed({ code: code(`Code of the ${noun}.`, example) });

export const codeOf = (request: FastifyRequest): string => (request.params as { code: string }).code;
