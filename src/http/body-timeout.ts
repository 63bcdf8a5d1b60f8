import type { App } from './services.ts';

/** How long the headers of a request may take to arrive, and the whole of one that is no file. */
export const REQUEST_MS = 30_000;
/** How long a file may take to arrive. */
export const UPLOAD_MS = 3_600_000;

/**
 * The server itself knows one limit for all requests, that of files. A body that is none has 30 seconds: `late` answers
 * on the socket, as the server would.
 */
export const limitBodies = (app: App, late: (error: Error & { code: string }, socket: never) => void): void => {
  app.addHook('onRequest', async ({ raw, routeOptions }, reply) => {
    const { headers } = raw;
    if (routeOptions.config.isUpload === true) return;
    if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) return;
    const timer = setTimeout(() => {
      const error = Object.assign(new Error('the body did not arrive in time'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
      if (!raw.complete) late(error, raw.socket as never);
    }, REQUEST_MS);
    const clear = (): void => clearTimeout(timer);
    raw.once('end', clear);
    // What is answered before its body has arrived, too.
    for (const over of ['finish', 'close']) reply.raw.once(over, clear);
  });
};
