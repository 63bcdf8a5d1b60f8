import type { WebhookDestination } from '../model/stream-destination.ts';
import type { StreamPlace } from '../rules/templates/scope.ts';
import { TemplateFault } from '../rules/templates/template.ts';
import type { Sender } from './send.ts';
import { sign } from './signing.ts';
import { delivered, type Message, type SendOutcome, type Transport } from './transport.ts';
import { webhookBodies } from './webhook-body.ts';

/** What a webhook stream needs besides its configuration. */
export interface WebhookTools {
  readonly sender: Sender;
  readonly place: StreamPlace;
  /** The newest first; at least one. */
  readonly secrets: readonly string[];
  /** Values of secret headers, by their names in small letters. */
  readonly secretHeaders: Readonly<Record<string, string>>;
  readonly clock: () => number;
}

/** A receiver that needs longer is tried again. Standard Webhooks names 15 to 30 seconds. */
const TIMEOUT_MS = 15_000;
/** As many as the sender has connections for one receiver. */
const CONCURRENCY = 8;

/** Answers that tell of the receiver: too many requests, or something between us and it. */
const WIDE: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const GONE = 410;

const outcomeOf = (answer: Awaited<ReturnType<Sender['send']>>): SendOutcome => {
  const { durationMs } = answer;
  if ('error' in answer)
    return { error: answer.error, status: null, durationMs, retryAfterMs: null, wide: true, gone: false, final: false };
  const { status, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return delivered(status, durationMs);
  const gone = status === GONE;
  return { error: 'refused', status, durationMs, retryAfterMs, wide: WIDE.has(status), gone, final: false };
};

/** Sends signed messages to a URL: only a 2xx answer is delivered, redirections are not followed. */
export const webhookTransport = (destination: WebhookDestination, tools: WebhookTools): Transport => {
  const { url, headers, secret_headers, batch } = destination;
  const own = Object.fromEntries(
    secret_headers.flatMap((name) => Object.entries(tools.secretHeaders).filter(([of]) => of === name)),
  );
  const bodyOf = webhookBodies(destination, tools.place);
  const write = (message: Message) => {
    try {
      return bodyOf(message);
    } catch (error) {
      if (error instanceof TemplateFault) return null;
      throw error;
    }
  };
  const send = async (message: Message): Promise<SendOutcome> => {
    const written = write(message);
    // It would fail as often as it is tried: given up, to be sent again once the template is mended.
    if (written === null) return { ...delivered(null, 0), error: 'template_failed', final: true };
    const { body, contentType } = written;
    const signature = sign(message.id, tools.clock(), body, tools.secrets);
    const all = { 'user-agent': 'Tessera', ...headers, ...own, 'content-type': contentType, ...signature };
    return outcomeOf(await tools.sender.send(url, all, body, { method: 'POST', timeoutMs: TIMEOUT_MS }));
  };
  const [maxEvents, maxWaitMs] = [batch.max_events, batch.max_seconds * 1_000];
  return { maxEvents, maxWaitMs, concurrency: CONCURRENCY, together: false, send };
};
