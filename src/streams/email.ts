import type { EmailDestination } from '../model/stream-destination.ts';
import type { StreamPlace } from '../rules/templates/scope.ts';
import { TemplateFault } from '../rules/templates/template.ts';
import { emailMessages, type Mail } from './email-message.ts';
import type { Mailer } from './mailer.ts';
import { delivered, type Message, type SendOutcome, type Transport } from './transport.ts';

export interface EmailTools {
  readonly mailer: Mailer;
  readonly place: StreamPlace;
}

/** As many as the mailer has connections. */
const CONCURRENCY = 5;

const failed = (error: string, more: Partial<SendOutcome>): SendOutcome => ({ ...delivered(null, 0), error, ...more });

/** Writes to members by e-mail. An event of which nothing is written is delivered: there is nothing to be sent later. */
export const emailTransport = (destination: EmailDestination, { mailer, place }: EmailTools): Transport => {
  const mailOf = emailMessages(destination, place);
  const send = async ({ events }: Message): Promise<SendOutcome> => {
    const [event] = events;
    if (event === undefined) return delivered(null, 0);
    let mail: Mail | null;
    try {
      mail = mailOf(event);
    } catch (error) {
      if (error instanceof TemplateFault) return failed('template_failed', { final: true });
      throw error;
    }
    if (mail === null) return delivered(null, 0);
    const began = performance.now();
    const { error, status } = await mailer.send(mail);
    const durationMs = Math.round(performance.now() - began);
    if (error === null) return delivered(status, durationMs);
    const final = error === 'recipient_refused' || error === 'message_refused';
    return failed(error, { status, durationMs, final, wide: error === 'smtp_failed' });
  };
  return { maxEvents: 1, maxWaitMs: 0, concurrency: CONCURRENCY, together: false, send };
};
