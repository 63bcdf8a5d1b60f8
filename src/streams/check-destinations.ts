import type { Fault } from '../model/problem.ts';
import type { Stream } from '../model/stream.ts';
import type { AddressGuard } from './address-guard.ts';

/** What can be said against the addresses of streams, as pointers into a document of the configuration. */
export type CheckDestinations = (streams: Readonly<Record<string, Stream>>) => Promise<Fault[]>;

/** Looks at every address, what it resolves to at present included: takes two seconds at most. */
export const destinationChecks =
  (guard: AddressGuard): CheckDestinations =>
  async (streams) => {
    const checked = Object.entries(streams).map(async ([code, { destination }]): Promise<Fault[]> => {
      if (destination.type === 'email') return [];
      const fault = await guard.checkResolved(destination.url);
      return fault === null ? [] : [{ pointer: `/streams/${code}/destination/url`, ...fault }];
    });
    return (await Promise.all(checked)).flat();
  };
