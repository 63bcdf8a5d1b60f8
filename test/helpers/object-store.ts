import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Test } from 'tap';

export interface Put {
  method: string | undefined;
  url: string | undefined;
  headers: Record<string, unknown>;
  content: Buffer;
}

/** An object store of sorts, which answers with this status until it is told another. */
export const startStore = async (t: Test, status = 200) => {
  const puts: Put[] = [];
  const answer = { status };
  const server = createServer((request, response) => {
    const { method, url, headers } = request;
    void request.toArray().then((parts) => {
      puts.push({ method, url, headers, content: Buffer.concat(parts) });
      response.writeHead(answer.status).end();
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { puts, answer, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/bucket/loyalty/?sig=a%2Fb` };
};
