import { isUtf8 } from 'node:buffer';
import { ProblemError } from './problem-error.ts';
import type { App } from './services.ts';

/**
 * Bodies are JSON in UTF-8 and nothing else. Bytes that are not UTF-8, an encoded lone surrogate among them, would
 * otherwise silently become U+FFFD. Properties that change prototypes are refused. Clients that always say
 * `application/json` may send no bytes where no body is wanted.
 */
export const takeJson = (app: App): void => {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const bytes = body as Buffer;
    if (bytes.length === 0 && request.routeOptions.schema?.body === undefined) done(null, undefined);
    else if (isUtf8(bytes)) void parse(request, bytes.toString(), done);
    else done(new ProblemError('malformed_request', 'the body is not UTF-8'));
  });
};
