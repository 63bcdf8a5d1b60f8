import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import type { TSchema } from 'typebox';
import { problems } from '../model/problem-codes.ts';
import { finishedDocument, withScope } from './document.ts';
import { outsideOperations } from './responses.ts';
import type { App } from './services.ts';
import { webhooks } from './webhooks.ts';

const tags = [
  { name: 'members', description: 'People enrolled, known by the caller’s own id.' },
  { name: 'purchases', description: 'What shops report; points follow from the program’s earn rules.' },
  { name: 'quotes', description: 'Priced answers before payment, honoured until they lapse.' },
  { name: 'activities', description: 'What members do other than buying: reviews, surveys, visits, declared types.' },
  { name: 'redemptions', description: 'Points held and spent, for money off or for rewards.' },
  { name: 'rewards', description: 'Rewards granted to members, and codes for vouchers.' },
  { name: 'vouchers', description: 'Codes that members got with rewards.' },
  { name: 'adjustments', description: 'Points given or taken by a person.' },
  { name: 'moving', description: 'What members bring with them from the system that is left.' },
  { name: 'transfers', description: 'Points that members pass on to each other.' },
  { name: 'events', description: 'What happened, in one order: to be read, followed, or sent to streams.' },
  { name: 'bulk', description: 'Many commands in one call.' },
  { name: 'ledger', description: 'The immutable movements of points.' },
  {
    name: 'configuration',
    description:
      'Wallets, earn rules, burn rules, tiers, segments, rewards and what the program declares, one by one or as one document.',
  },
  { name: 'privacy', description: 'Consents, export and erasure of members, and the audit log.' },
  { name: 'program', description: 'The program and its API keys.' },
  { name: 'sandbox', description: 'The clock of a sandbox program.' },
  { name: 'operator', description: 'For whoever runs the deployment.' },
  { name: 'operations', description: 'Health and metrics.' },
];

const description = `Headless loyalty engine. Amounts are integer minor units, points are integers, instants are RFC 3339.

A 2xx answer means committed. A purchase, return, activity or redemption sent again with the same id and content gets its first answer again, byte for byte, with \`Idempotent-Replayed: true\`; adjustments, transfers, captures and refunds need an \`Idempotency-Key\`. Every other answer is \`application/problem+json\` (RFC 9457) with a stable \`code\`, explained under its \`type\`.

What is answered before it is known which operation is meant is not listed with the operations: ${outsideOperations.map((code) => `\`${code}\` (${problems[code].status})`).join(', ')}.`;

/** Registered before the routes: what is registered after it is in the document. */
export const registerOpenApi = async (app: App, components: readonly TSchema[], version: string): Promise<void> => {
  for (const component of components) app.addSchema(component);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tessera',
        version,
        description,
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
        contact: { name: 'The Tessera authors', url: 'https://example.com/tessera' },
      },
      servers: [{ url: '/', description: 'This service.' }],
      tags,
      webhooks: webhooks as never,
      components: {
        securitySchemes: {
          apiKey: { type: 'http', scheme: 'bearer', description: 'An API key of the program, `tsr_…`.' },
          operatorKey: { type: 'http', scheme: 'bearer', description: 'The deployment’s OPERATOR_KEY.' },
        },
      },
    },
    convertConstToEnum: false,
    transform: ({ schema, url, route }) => ({ schema: withScope(schema ?? {}, route.config?.scope), url }),
    transformObject: (draft) => ('openapiObject' in draft ? finishedDocument(draft.openapiObject) : {}) as object,
    refResolver: {
      buildLocalReference: (json, _base, _fragment, index) =>
        typeof json['$id'] === 'string' ? json['$id'] : `def-${index}`,
    },
  });
};

/** The docs page, after the routes. */
export const registerDocs = async (app: App): Promise<void> => {
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    staticCSP: true,
    uiConfig: { deepLinking: true, persistAuthorization: true },
  });
  app.get('/openapi.json', { config: { scope: 'none' }, schema: { hide: true } }, async (_request, reply) =>
    reply.type('application/json').send(JSON.stringify(app.swagger())),
  );
};
