import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

/** A message as it arrived. */
export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what came, to be compared
  body: any;
}

/** What a receiver answers with: a status, or its own way. */
export type Answering = (message: Received, response: ServerResponse) => number | undefined;

export interface Receiver {
  url: string;
  /** Everything that came, whatever was answered. */
  received: Received[];
  /** Those that were answered with 2xx. */
  taken: Received[];
  answer: Answering;
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** A real HTTP server on this machine, which takes everything until a test says otherwise. */
export const startReceiver = async (t: Test): Promise<Receiver> => {
  const receiver: Receiver = { url: '', received: [], taken: [], answer: () => 204 };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const message = { path: request.url ?? '', headers: request.headers, text, body: parsed(text) };
    receiver.received.push(message);
    const status = receiver.answer(message, response);
    if (status === undefined) return;
    if (status < 300) receiver.taken.push(message);
    response.writeHead(status).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return receiver;
};
