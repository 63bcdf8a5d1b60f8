import type { Balances, ExpiringPoints } from '../../src/model/account.ts';
import type { LedgerEntryView } from '../../src/model/ledger-entry.ts';
import type { Member } from '../../src/model/member.ts';
import type { TierView } from '../../src/model/tier-view.ts';
import type { Client } from '../replay/client.ts';
import { isSuccess, Refused } from '../replay/problems.ts';

/** What this service has of a member. */
export interface OurMember {
  /** As of the instant asked for. */
  readonly accounts: readonly Balances[];
  readonly now: readonly Balances[];
  readonly tiers: readonly TierView[];
  /** The program's time, in milliseconds: a sandbox has its own. */
  readonly readAt: number;
}

export interface OurExpiries {
  readonly dated: readonly ExpiringPoints[];
  readonly never: number;
}

/** Entries looked at around the instant: whoever moves more points than that within days is looked at by a person. */
const ENTRIES_MAX = 500;

export interface OurRecords {
  /** Null: there is no such member. */
  member(id: string): Promise<OurMember | null>;
  /** A member's entries of a wallet recorded at an instant or later, the first first; at most 500, the last. */
  entries(id: string, wallet: string, recordedAfter: string | null): Promise<LedgerEntryView[]>;
  expiries(id: string, wallet: string): Promise<OurExpiries>;
  /** Everybody who is a member here: who was merged into another or has closed the membership is not. */
  members(): AsyncGenerator<Member>;
  /** Why the member holds the tier of a scheme, in words. */
  whyTier(id: string, scheme: string): Promise<string>;
}

interface Page<T> {
  readonly data: readonly T[];
  readonly next_cursor: string | null;
}

interface ChangedMembers {
  readonly data: readonly { readonly id: string; readonly member: Member | null }[];
  readonly has_more: boolean;
  readonly next_cursor: string;
}

export const ourRecords = (client: Client, asOf: string | null): OurRecords => {
  const read = async (path: string): Promise<unknown> => {
    const answer = await client.send({ method: 'GET', path });
    if (answer.status === 404) return null;
    if (!isSuccess(answer)) throw new Refused(`GET ${path}`, answer);
    return answer.body;
  };

  const pages = async function* <T extends Page<unknown>>(path: string): AsyncGenerator<T> {
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: T | null = (await read(`${path}${cursor === '' ? '' : `&cursor=${cursor}`}`)) as T | null;
      if (page === null) return;
      yield page;
      cursor = page.next_cursor;
    }
  };

  return {
    member: async (id) => {
      const path = `/v1/members/${encodeURIComponent(id)}`;
      const [found, then] = (await Promise.all([
        read(path),
        asOf === null ? null : read(`${path}/accounts?as_of=${encodeURIComponent(asOf)}`),
      ])) as [Member | null, { data: Balances[] } | null];
      if (found === null) return null;
      return {
        accounts: then?.data ?? found.accounts,
        now: found.accounts,
        tiers: found.tiers,
        readAt: Date.parse(found.as_of),
      };
    },
    entries: async (id, wallet, recordedAfter) => {
      const after = recordedAfter === null ? '' : `&recorded_after=${encodeURIComponent(recordedAfter)}`;
      const found: LedgerEntryView[] = [];
      const path = `/v1/members/${encodeURIComponent(id)}/ledger-entries?limit=100&wallet=${wallet}${after}`;
      for await (const { data } of pages<Page<LedgerEntryView>>(path)) {
        found.push(...data);
        if (found.length >= ENTRIES_MAX) break;
      }
      return found.reverse();
    },
    expiries: async (id, wallet) => {
      const dated: ExpiringPoints[] = [];
      let never = 0;
      const path = `/v1/members/${encodeURIComponent(id)}/accounts/${wallet}/expiring?limit=100`;
      for await (const page of pages<Page<ExpiringPoints> & { never: { points: number; pending: number } }>(path)) {
        dated.push(...page.data);
        never = page.never.points + page.never.pending;
      }
      return { dated, never };
    },
    members: async function* () {
      let cursor = '';
      for (let more = true; more; ) {
        const page = (await read(`/v1/members?limit=100${cursor}`)) as ChangedMembers | null;
        // What was merged is told under its own id, as the one it is now.
        for (const { id, member } of page?.data ?? [])
          if (member !== null && member.id === id && (member.status === 'active' || member.status === 'suspended'))
            yield member;
        more = page?.has_more === true;
        cursor = `&cursor=${page?.next_cursor}`;
      }
    },
    whyTier: async (id, scheme) => {
      const found = await read(`/v1/members/${encodeURIComponent(id)}/explain?tier=${scheme}`);
      const { tier } = (found ?? {}) as { tier?: { sentence: { en: string } } | null };
      return tier?.sentence.en ?? `there is no scheme ${scheme}`;
    },
  };
};
