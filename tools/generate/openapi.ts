import { readConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { createService } from '../../src/service.ts';

/** openapi/openapi.json, as the service serves it. Nothing is connected to: the document comes from the routes alone. */
export const openApiDocument = async (): Promise<string> => {
  const config = { ...readConfig({}), jobs: false, relay: false };
  const service = await createService({
    databaseUrl: 'postgres://nowhere.invalid/none',
    log: createLog({ logLevel: 'silent' }),
    config,
  });
  await service.app.ready();
  const document = service.app.swagger();
  await service.stop();
  return `${JSON.stringify(document, null, 2)}\n`;
};
