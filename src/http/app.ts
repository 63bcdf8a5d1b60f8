import { randomUUID } from 'node:crypto';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import { type FastifyBaseLogger, fastify, LogController } from 'fastify';
import { closed } from '../model/schema.ts';
import { Authenticator } from './auth.ts';
import { limitBodies, REQUEST_MS, UPLOAD_MS } from './body-timeout.ts';
import { components } from './components.ts';
import { answerForNode, clientErrorHandler, errorHandler, notFoundHandler } from './errors.ts';
import { registerDocs, registerOpenApi } from './openapi.ts';
import { ProblemError } from './problem-error.ts';
import { RateLimiter } from './rate-limit.ts';
import { requestLog } from './request-log.ts';
import { activityRoutes } from './routes/activities.ts';
import { activityTypeRoutes } from './routes/activity-types.ts';
import { adjustmentRoutes } from './routes/adjustments.ts';
import { attributeRoutes } from './routes/attributes.ts';
import { auditLogRoutes } from './routes/audit-log.ts';
import { batchRoutes } from './routes/batch.ts';
import { burnRuleRoutes } from './routes/burn-rules.ts';
import { changedMemberRoutes } from './routes/changed-members.ts';
import { conditionPreviewRoutes } from './routes/condition-previews.ts';
import { conditionRoutes } from './routes/conditions.ts';
import { configurationDocumentRoutes } from './routes/configuration-document.ts';
import { configurationRevisionRoutes } from './routes/configuration-revisions.ts';
import { contextFieldRoutes } from './routes/context-fields.ts';
import { earnRuleRoutes } from './routes/earn-rules.ts';
import { entitlementRoutes } from './routes/entitlements.ts';
import { eventStreamRoutes } from './routes/event-stream.ts';
import { eventRoutes } from './routes/events.ts';
import { expiringRoutes } from './routes/expiring.ts';
import { explanationRoutes } from './routes/explanations.ts';
import { exportRoutes } from './routes/exports.ts';
import { healthRoutes } from './routes/health.ts';
import { importRoutes } from './routes/imports.ts';
import { keyRoutes } from './routes/keys.ts';
import { ledgerEntryRoutes } from './routes/ledger-entries.ts';
import { memberCardRoutes } from './routes/member-card.ts';
import { memberPrivacyRoutes } from './routes/member-privacy.ts';
import { memberStatusRoutes } from './routes/member-status.ts';
import { memberTierRoutes } from './routes/member-tiers.ts';
import { memberRoutes } from './routes/members.ts';
import { mergeRoutes } from './routes/merges.ts';
import { metricsRoutes } from './routes/metrics.ts';
import { openingBalanceRoutes } from './routes/opening-balances.ts';
import { pastPurchaseRoutes } from './routes/past-purchases.ts';
import { problemRoutes } from './routes/problems.ts';
import { programRoutes } from './routes/program.ts';
import { operatorRoutes } from './routes/programs.ts';
import { purchaseRoutes } from './routes/purchases.ts';
import { quoteRoutes } from './routes/quotes.ts';
import { reassessmentRoutes } from './routes/reassessments.ts';
import { redemptionLifeRoutes } from './routes/redemption-life.ts';
import { redemptionRoutes } from './routes/redemptions.ts';
import { referralCodeRoutes } from './routes/referral-code.ts';
import { returnRoutes } from './routes/returns.ts';
import { rewardCodeRoutes } from './routes/reward-codes.ts';
import { rewardStockRoutes } from './routes/reward-stock.ts';
import { rewardRoutes } from './routes/rewards.ts';
import { sandboxClockRoutes } from './routes/sandbox-clock.ts';
import { segmentMemberRoutes } from './routes/segment-members.ts';
import { segmentRoutes } from './routes/segments.ts';
import { streamDeliveryRoutes } from './routes/stream-deliveries.ts';
import { streamPreviewRoutes } from './routes/stream-preview.ts';
import { streamSecretRoutes } from './routes/stream-secrets.ts';
import { streamStandingRoutes } from './routes/stream-standing.ts';
import { streamRoutes } from './routes/streams.ts';
import { tierRoutes } from './routes/tiers.ts';
import { transferRoutes } from './routes/transfers.ts';
import { voucherLifeRoutes } from './routes/voucher-life.ts';
import { voucherRoutes } from './routes/vouchers.ts';
import { walletRoutes } from './routes/wallets.ts';
import type { App, Lifecycle, Services } from './services.ts';
import { takeJson } from './take-json.ts';
import { validatorCompiler } from './validation.ts';

export interface AppOptions {
  readonly log: FastifyBaseLogger;
  readonly bodyLimitBytes: number;
  readonly rateLimitPerSecond: number;
  /** Of the package, for the OpenAPI document. */
  readonly version: string;
  readonly operatorKey?: string | undefined;
}

const REQUEST_ID = /^[A-Za-z0-9_-]{1,64}$/;

const createApp = ({ log, bodyLimitBytes }: AppOptions): App =>
  fastify({
    loggerInstance: requestLog(log),
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodyLimitBytes,
    requestTimeout: UPLOAD_MS,
    keepAliveTimeout: 65_000,
    return503OnClosing: false,
    http: { requireHostHeader: false, headersTimeout: REQUEST_MS },
    routerOptions: { maxParamLength: 300 },
    genReqId: (request) => {
      const given = request.headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
    },
    clientErrorHandler: (error, socket) => clientErrorHandler(error, socket as never),
    frameworkErrors: (error, request, reply) => void errorHandler(error, request as never, reply as never),
  }).withTypeProvider<TypeBoxTypeProvider>();

const addHooks = (app: App, services: Services, options: AppOptions, lifecycle: Lifecycle): void => {
  const authenticator = new Authenticator(services.database, services.clock, options.operatorKey);
  const limiter = new RateLimiter(options.rateLimitPerSecond, services.clock);
  app.decorateRequest('apiKey', null);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    if (lifecycle.draining && request.routeOptions.config.scope !== 'none') {
      throw new ProblemError('draining', 'the service is shutting down', {}, { 'retry-after': '2' });
    }
    request.apiKey = await authenticator.authenticate(request);
    if (request.apiKey !== null) limiter.count(request.apiKey.key_id, reply);
  });
  // A client that keeps its connection alive would keep the server from closing.
  app.addHook('onSend', async (_request, reply) => {
    if (lifecycle.draining) reply.header('connection', 'close');
  });
};

/** A parameter that a route does not know is refused, not passed over: `?dry_run=true` must not book anything. */
const refuseUnknownParameters = (app: App): void => {
  app.addHook('onRoute', ({ config, schema }) => {
    if (config?.scope !== undefined && config.scope !== 'none' && schema !== undefined)
      schema.querystring ??= closed({});
  });
};

/** The whole HTTP side, without listening: the same validation, errors and routes in production and in tests. */
export const buildApp = async (
  services: Services,
  options: AppOptions,
  lifecycle: Lifecycle = { stopping: false, draining: false },
): Promise<App> => {
  const app = createApp(options);
  app.setValidatorCompiler(validatorCompiler(components));
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setErrorHandler(errorHandler);
  takeJson(app);
  limitBodies(app, clientErrorHandler);
  refuseUnknownParameters(app);
  answerForNode(app);
  addHooks(app, services, options, lifecycle);
  notFoundHandler(app);
  metricsRoutes(app, services);
  await registerOpenApi(app, components, options.version);
  for (const routes of [
    memberRoutes,
    memberStatusRoutes,
    memberPrivacyRoutes,
    auditLogRoutes,
    memberTierRoutes,
    memberCardRoutes,
    purchaseRoutes,
    returnRoutes,
    quoteRoutes,
    activityRoutes,
    referralCodeRoutes,
    redemptionRoutes,
    redemptionLifeRoutes,
    adjustmentRoutes,
    openingBalanceRoutes,
    pastPurchaseRoutes,
    transferRoutes,
    mergeRoutes,
    ledgerEntryRoutes,
    entitlementRoutes,
    expiringRoutes,
    exportRoutes,
    eventRoutes,
    walletRoutes,
    earnRuleRoutes,
    burnRuleRoutes,
    tierRoutes,
    reassessmentRoutes,
    contextFieldRoutes,
    activityTypeRoutes,
    segmentRoutes,
    segmentMemberRoutes,
    rewardRoutes,
    streamRoutes,
    streamPreviewRoutes,
    streamStandingRoutes,
    streamSecretRoutes,
    streamDeliveryRoutes,
    rewardCodeRoutes,
    rewardStockRoutes,
    voucherRoutes,
    voucherLifeRoutes,
    explanationRoutes,
    conditionRoutes,
    conditionPreviewRoutes,
    attributeRoutes,
    configurationDocumentRoutes,
    configurationRevisionRoutes,
    programRoutes,
    sandboxClockRoutes,
    keyRoutes,
    operatorRoutes,
    changedMemberRoutes,
    batchRoutes,
    importRoutes,
    problemRoutes,
  ]) {
    routes(app, services);
  }
  eventStreamRoutes(app, services, lifecycle);
  healthRoutes(app, services, lifecycle);
  await registerDocs(app);
  return app;
};
