declare const brand: unique symbol;
type Branded<T, B extends string> = T & { readonly [brand]: B };

/** Internal number of a program. Never leaves the service. */
export type ProgramId = Branded<number, 'ProgramId'>;
/** Internal number of a member. Unique across programs; leaves the service only inside engine-made ids. */
export type MemberId = Branded<number, 'MemberId'>;

/** A member's rows live on one of sixteen shards; the shard is the distribution key on a distributed Postgres. */
export const SHARDS = 16;

export const shardOfMember = (member: MemberId): number => member % SHARDS;

/** FNV-1a over UTF-16 units: rows found by a caller's text (identities, purchase ids) spread by that text. */
export const shardOfText = (value: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < value.length; i++) hash = Math.imul(hash ^ value.charCodeAt(i), 0x01000193);
  return (hash >>> 0) % SHARDS;
};

/** Prefixes of the ids the engine makes: a ledger entry, a lot, an event, an entitlement, a transfer (of the sender), a voucher, a merge (of the source). */
export type IdPrefix = 'ent' | 'lot' | 'evt' | 'ett' | 'trf' | 'vou' | 'mrg';

/** An engine-made id: prefix, member (hence shard), and a number within the member. Deterministic: a decision taken again gives the same ids. */
export const makeId = (prefix: IdPrefix, member: MemberId, number: number): string =>
  `${prefix}_${member.toString(36)}_${number.toString(36)}`;

/** The member and number inside an engine-made id, or null when the text is not one. */
export const parseId = (prefix: IdPrefix, id: string): { member: MemberId; number: number } | null => {
  const match = /^([a-z]{3})_([0-9a-z]{1,10})_([0-9a-z]{1,6})$/.exec(id);
  if (match === null || match[1] !== prefix) return null;
  return { member: Number.parseInt(match[2] ?? '', 36) as MemberId, number: Number.parseInt(match[3] ?? '', 36) };
};
