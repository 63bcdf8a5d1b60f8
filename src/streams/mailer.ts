import { createTransport } from 'nodemailer';
import type { Mail } from './email-message.ts';

/** What came of a message: taken by the server, or why not. */
export type Mailed =
  | { readonly error: null; readonly status: number | null }
  | {
      readonly error: 'recipient_refused' | 'message_refused' | 'deferred' | 'smtp_failed';
      /** What the server answered. */
      readonly status: number | null;
    };

/** Hands messages to an SMTP server. Never throws for what that does. */
export interface Mailer {
  send(mail: Mail): Promise<Mailed>;
  close(): void;
}

const CONNECTIONS = 5;
const TIMEOUT_MS = 15_000;

const numberIn = (error: object, name: string): number | null => {
  const value = new Map<string, unknown>(Object.entries(error)).get(name);
  return typeof value === 'number' ? value : null;
};

const codeIn = (error: object): string => ('code' in error && typeof error.code === 'string' ? error.code : '');

/** Of the answer to a recipient or a message the number says whether to try again; all else is the server's fault. */
const mailedOf = (error: unknown): Mailed => {
  if (typeof error !== 'object' || error === null) return { error: 'smtp_failed', status: null };
  const status = numberIn(error, 'responseCode');
  const code = codeIn(error);
  const ofMessage = code === 'EENVELOPE' || code === 'EMESSAGE';
  if (!ofMessage || status === null) return { error: 'smtp_failed', status };
  if (status < 500) return { error: 'deferred', status };
  return { error: code === 'EENVELOPE' ? 'recipient_refused' : 'message_refused', status };
};

const answered = (response: string): number | null => {
  const status = Number(response.slice(0, 3));
  return Number.isInteger(status) ? status : null;
};

/** By a URL as `SMTP_URL` has it: `smtp://user:password@host:587`, `smtps://` with TLS from the beginning. */
export const createMailer = (url: string): Mailer => {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: CONNECTIONS,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    // What templates write is text, never a file or an address to fetch.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const send: Mailer['send'] = async (mail) => {
    const { messageId, from, to, replyTo, language, subject, text, html, unsubscribeUrl } = mail;
    try {
      const { response } = await transport.sendMail({
        messageId,
        from,
        to,
        ...(replyTo === null ? {} : { replyTo }),
        subject,
        text,
        ...(html === null ? {} : { html }),
        headers: {
          'Content-Language': language,
          'Auto-Submitted': 'auto-generated',
          'List-Unsubscribe': { prepared: true, value: `<${unsubscribeUrl}>` },
          'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
        },
      });
      return { error: null, status: answered(response) };
    } catch (error) {
      return mailedOf(error);
    }
  };
  return { send, close: () => transport.close() };
};
