import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** The lines of a text file, without their ends. A name in `.gz` is unpacked on the way. */
export async function* readLines(path: string): AsyncGenerator<string> {
  const file = createReadStream(path);
  let failure: Error | undefined;
  // readline does not hear of a stream that breaks off: a cut archive would look like a short log.
  const input = path.endsWith('.gz')
    ? pipeline(file, createGunzip(), (error) => {
        failure = error ?? undefined;
      })
    : file.once('error', (error) => {
        failure = error;
      });
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  input.once('error', () => lines.close());
  yield* lines;
  if (failure !== undefined) throw failure;
}
