import { limits } from '../model/limits.ts';
import type { FileDestination } from '../model/stream-destination.ts';
import { isFileName } from '../rules/check-templates.ts';
import { type FileFacts, fileScope, type StreamPlace } from '../rules/templates/scope.ts';
import { parseTemplate, TemplateFault } from '../rules/templates/template.ts';
import { contentOf, contentTypeOf, linesOf } from './file-content.ts';
import type { Sender } from './send.ts';
import { delivered, type Message, type SendOutcome, type Transport } from './transport.ts';

export interface FileTools {
  readonly sender: Sender;
  readonly place: StreamPlace;
  /** Values of secret headers, by their names in small letters. */
  readonly secretHeaders: Readonly<Record<string, string>>;
}

/** A file is larger than a message, and stores write it away before they answer. */
const TIMEOUT_MS = 60_000;

const UNITS_MS: Readonly<Record<string, number>> = { M: 60_000, H: 3_600_000, D: 86_400_000 };

/** `PT15M`, `PT1H`, `P1D` in milliseconds. */
const everyMs = (every: string): number => {
  const [, count, unit] = /^PT?(\d+)([MHD])$/.exec(every) ?? [];
  return Number(count) * (UNITS_MS[unit ?? ''] ?? Number.NaN);
};

/** Of the events in it, so that a file that is sent again has the same name. */
const factsOf = ({ id, events }: Message): FileFacts => {
  const last = events.at(-1);
  const made = last?.recorded_at ?? '';
  return {
    id,
    date: made.slice(0, 10),
    time: made.slice(11, 19).replaceAll(':', ''),
    first: events[0]?.position ?? 0,
    last: last?.position ?? 0,
    count: events.length,
  };
};

/** The name goes after the path, part by part; the query stays. */
const urlOf = (base: string, name: string): string => {
  const url = new URL(base);
  const path = name.split('/').map(encodeURIComponent).join('/');
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${path}`;
  return url.href;
};

const failed = (error: string, more: Partial<SendOutcome>): SendOutcome => ({ ...delivered(null, 0), error, ...more });

/** A file that can be put. */
interface FileToPut {
  readonly url: string;
  readonly contentType: string;
  /** Made as they are read. */
  readonly lines: Iterable<string>;
}

/** The files of a stream, one of each message. Throws a TemplateFault, also while the lines are read. */
export const filesOf = (destination: FileDestination, place: StreamPlace): ((message: Message) => FileToPut) => {
  const lines = linesOf(destination, place);
  const nameTemplate = parseTemplate(destination.name, 'text');
  const contentType = contentTypeOf(destination);
  return (message) => {
    const name = nameTemplate.render(fileScope(place, factsOf(message)));
    if (!isFileName(name)) throw new TemplateFault('no name of a file');
    return { url: urlOf(destination.url, name), contentType, lines: lines(message.events) };
  };
};

/** Puts files to a URL: as many events in each as came within the time between two files, a thousand at most. */
export const fileTransport = (destination: FileDestination, tools: FileTools): Transport => {
  const { sender, place, secretHeaders } = tools;
  const { every, gzip, headers, secret_headers } = destination;
  const fileOf = filesOf(destination, place);
  const own = Object.fromEntries(Object.entries(secretHeaders).filter(([header]) => secret_headers.includes(header)));

  const send = async (message: Message): Promise<SendOutcome> => {
    let content: Buffer;
    let file: FileToPut;
    try {
      file = fileOf(message);
      // Object stores want to know the length beforehand.
      content = Buffer.concat(await contentOf(destination, file.lines).toArray());
    } catch (error) {
      if (error instanceof TemplateFault) return failed('template_failed', { final: true });
      throw error;
    }
    const all = {
      'user-agent': 'Tessera',
      ...headers,
      ...own,
      'content-type': file.contentType,
      ...(gzip ? { 'content-encoding': 'gzip' } : {}),
    };
    const answer = await sender.send(file.url, all, content, { method: 'PUT', timeoutMs: TIMEOUT_MS });
    const { durationMs } = answer;
    if ('error' in answer) return failed(answer.error, { durationMs, wide: true });
    const { status, retryAfterMs } = answer;
    if (status >= 200 && status < 300) return delivered(status, durationMs);
    // A store that refuses a file refuses the next as well: its address, its key, its room.
    return failed('refused', { status, durationMs, retryAfterMs, wide: true });
  };
  return { maxEvents: limits.eventsPerMessage, maxWaitMs: everyMs(every), concurrency: 1, together: true, send };
};
