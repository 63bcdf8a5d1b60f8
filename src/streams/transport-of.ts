import type { Stream } from '../model/stream.ts';
import type { StreamPlace } from '../rules/templates/scope.ts';
import type { StreamSecret } from '../store/stream-secrets.ts';
import { emailTransport } from './email.ts';
import { fileTransport } from './file.ts';
import type { Mailer } from './mailer.ts';
import type { Sender } from './send.ts';
import type { Transport } from './transport.ts';
import { webhookTransport } from './webhook.ts';

export interface TransportTools {
  readonly sender: Sender;
  /** Null: the service has no SMTP server. */
  readonly mailer: Mailer | null;
  readonly clock: () => number;
  readonly place: StreamPlace;
  readonly secrets: readonly StreamSecret[];
}

/** How a stream sends; null: it cannot yet, as nothing signs, a secret header has no value, or there is no SMTP server. */
export const transportOf = ({ destination }: Stream, tools: TransportTools): Transport | null => {
  const signatures = tools.secrets.filter(({ kind }) => kind === 'signature').map(({ value }) => value);
  const secretHeaders = Object.fromEntries(
    tools.secrets.filter(({ kind }) => kind === 'header').map(({ name, value }) => [name, value]),
  );
  switch (destination.type) {
    case 'webhook': {
      const missing = destination.secret_headers.some((name) => secretHeaders[name] === undefined);
      if (signatures.length === 0 || missing) return null;
      return webhookTransport(destination, { ...tools, secrets: signatures, secretHeaders });
    }
    case 'email':
      return tools.mailer === null ? null : emailTransport(destination, { ...tools, mailer: tools.mailer });
    case 'file': {
      const missing = destination.secret_headers.some((name) => secretHeaders[name] === undefined);
      return missing ? null : fileTransport(destination, { ...tools, secretHeaders });
    }
    default:
      return destination satisfies never;
  }
};
