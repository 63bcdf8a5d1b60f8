import { createServer } from 'node:http';

/* A receiver in a process of its own: takes everything, counts, and tells how many came at `GET /`. */

let messages = 0;
let events = 0;
const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.end(JSON.stringify({ messages, events }));
    return;
  }
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    messages += 1;
    const { data } = JSON.parse(Buffer.concat(chunks).toString());
    events += Array.isArray(data.events) ? data.events.length : 1;
    response.writeHead(204).end();
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify(server.address())));
