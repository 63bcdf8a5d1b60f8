import type { FastifySchema } from 'fastify';

/*
 * What the routes do not say themselves is put into the OpenAPI document once it is whole: headers that answers carry
 * whatever the route, and details of OpenAPI that JSON Schema and the validator do not know.
 */

interface Reference {
  $ref: string;
}

interface Header {
  description: string;
  required?: boolean;
  schema: object;
  example?: string | number;
}

interface Response {
  description: string;
  headers?: Record<string, Reference | Header> & { ETag?: Header };
}

interface Parameter {
  in: string;
  name: string;
}

interface Operation {
  parameters?: Parameter[];
  responses: Record<string, Response>;
}

interface Discriminated {
  discriminator?: { propertyName: string; mapping?: Record<string, string> };
  oneOf?: Reference[];
}

export interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object>; headers?: Record<string, Header> };
}

/** Headers by their name. Those that are not required are sent when there is something to say. */
const headers = {
  'X-Request-Id': {
    description: 'Id of the request: the one that was sent, if it is 1 to 64 letters, digits, `_` or `-`.',
    required: true,
    schema: { type: 'string' },
    example: '9f1c2d9a-6c1b-4e0e-9d40-2f1f4f6d8b11',
  },
  'Idempotent-Replayed': {
    description: '`true`: this is the answer to an earlier, identical request, byte for byte.',
    schema: { type: 'string', enum: ['true'] },
  },
  'RateLimit-Policy': {
    description: 'How many requests (`q`) this key has in a window of `w` seconds. Absent without a limit.',
    schema: { type: 'string' },
    example: '"default";q=2000;w=1',
  },
  RateLimit: {
    description: 'How many requests remain (`r`), and the seconds until the window ends (`t`). Absent without a limit.',
    schema: { type: 'string' },
    example: '"default";r=1999;t=1',
  },
  'Retry-After': {
    description: 'Seconds to wait before the request is sent again.',
    required: true,
    schema: { type: 'integer' },
    example: 1,
  },
  'WWW-Authenticate': {
    description: 'The scheme to authenticate with.',
    required: true,
    schema: { type: 'string' },
    example: 'Bearer',
  },
} as const satisfies Record<string, Header>;
type HeaderName = keyof typeof headers;

const referenceTo = (name: HeaderName): [HeaderName, Reference] => [name, { $ref: `#/components/headers/${name}` }];

const namesFor = (status: string, { parameters = [], responses }: Operation): HeaderName[] => [
  'X-Request-Id',
  ...(['201', '409', '422'].includes(status) && parameters.some(({ name }) => name === 'Idempotency-Key')
    ? (['Idempotent-Replayed'] as const)
    : []),
  ...('429' in responses && status !== '401' ? (['RateLimit-Policy', 'RateLimit'] as const) : []),
  ...(status === '429' || status === '503' ? (['Retry-After'] as const) : []),
  ...(status === '401' ? (['WWW-Authenticate'] as const) : []),
];

/** `if-match` is how the validator sees it, `If-Match` how people write it. */
const canonical = (name: string): string => name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());

const finishOperation = (operation: Operation): void => {
  for (const parameter of operation.parameters ?? [])
    if (parameter.in === 'header') parameter.name = canonical(parameter.name);
  for (const [status, response] of Object.entries(operation.responses)) {
    response.headers = {
      ...Object.fromEntries(namesFor(status, operation).map(referenceTo)),
      ...(status === '304' ? operation.responses['200']?.headers : {}),
      ...response.headers,
    };
    const { ETag } = response.headers;
    if (ETag !== undefined) response.headers['ETag'] = { ...ETag, required: true };
  }
};

/** Without a mapping the value of the tag would be the name of a component; with one in the schema Ajv refuses it. */
const addMapping = (schema: Discriminated, schemas: Document['components']['schemas']): void => {
  const { discriminator, oneOf = [] } = schema;
  if (discriminator === undefined) return;
  const variants = oneOf.map(({ $ref }) => {
    const variant = schemas[$ref.slice($ref.lastIndexOf('/') + 1)] as {
      properties?: Record<string, { enum?: string[] }>;
    };
    return [variant.properties?.[discriminator.propertyName]?.enum?.[0] ?? '', $ref] as const;
  });
  discriminator.mapping = Object.fromEntries(variants);
};

/** Lists of texts are texts: generators of clients want to be told. */
const addType = (schema: { enum?: unknown[]; type?: string }): void => {
  if (schema.type === undefined && schema.enum?.every((value) => typeof value === 'string') === true)
    schema.type = 'string';
};

const walk = (value: unknown, visit: (schema: object) => void): void => {
  if (typeof value !== 'object' || value === null) return;
  visit(value);
  for (const item of Object.values(value)) walk(item, visit);
};

/** The document, complete. The schemas that requests are validated with stay as they are. */
export const finishedDocument = (draft: object): Document => {
  const document = JSON.parse(JSON.stringify(draft)) as Document;
  document.components.headers = headers;
  for (const path of Object.values(document.paths))
    for (const operation of Object.values(path)) finishOperation(operation);
  walk([document.components.schemas, document.paths], (schema) => {
    addMapping(schema, document.components.schemas);
    addType(schema);
  });
  return document;
};

/** Says which scope an operation needs. */
export const withScope = (schema: FastifySchema, scope: string | undefined): FastifySchema => {
  if (scope === undefined || scope === 'none' || scope === 'operator' || schema.description === undefined)
    return schema;
  return { ...schema, description: `${schema.description} Needs a key with the scope \`${scope}\`.` };
};
