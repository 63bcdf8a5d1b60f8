import type { MemberId, ProgramId } from '../model/ids.ts';
import { type Instant, instantText } from '../model/instant.ts';
import { type ExportSection, exportSections, singleSections } from '../model/member-export.ts';
import { insertAudit } from '../store/audit-log.ts';
import type { Database } from '../store/database.ts';
import { type Exported, type ExportedRow, exportRows } from '../store/member-export.ts';
import { loadStates } from '../store/members.ts';
import { loadProfiles } from '../store/profiles.ts';
import type { Author } from './configure.ts';
import { guestHash } from './guest-hash.ts';

/** Rows read at a time: what is held in memory of an export, however much there is. */
const PAGE = 500;

async function* rowsOf(database: Database, program: ProgramId, exported: Exported, section: ExportSection) {
  let after: ExportedRow['key'] | null = null;
  for (;;) {
    const from: ExportedRow['key'] | null = after;
    const rows: ExportedRow[] = await database.transaction(program, (tx) =>
      exportRows(tx, program, exported, section, from, PAGE),
    );
    if (rows.length > 0) yield rows.map(({ text }) => text).join(',');
    const last = rows.at(-1);
    if (rows.length < PAGE || last === undefined || last.key.length === 0) return;
    after = last.key;
  }
}

/** A member of the document: the one it is about, or one who was merged into that. */
interface Part extends Exported {
  readonly id: string;
}

/** The document in pieces of text. */
async function* written(
  database: Database,
  program: ProgramId,
  [exported, ...merged]: readonly [Part, ...Part[]],
  now: Instant,
): AsyncGenerator<string> {
  yield `{"member":${JSON.stringify(exported.id)},"exported_at":"${instantText(now)}"`;
  for (const section of Object.keys(exportSections) as ExportSection[]) {
    const isSingle = singleSections.has(section);
    yield `,"${section}":${isSingle ? '' : '['}`;
    let first = true;
    for await (const text of rowsOf(database, program, exported, section)) {
      yield first ? text : `,${text}`;
      first = false;
    }
    yield isSingle ? '' : ']';
  }
  yield ',"merged":[';
  for (const [index, one] of merged.entries()) {
    if (index > 0) yield ',';
    yield* written(database, program, [one], now);
  }
  yield ']}';
}

/**
 * Everything about a person as one document, in pieces, and an entry of the audit log that it was taken. Read section by
 * section: what is recorded meanwhile may be in it. `erased`: nothing is known of the person any more.
 */
export const exportMember = async (
  database: Database,
  { program, changedBy: author, requestId: request_id, now }: Author,
  member: MemberId,
  actor: string,
): Promise<AsyncGenerator<string> | 'erased'> => {
  const found = await database.transaction(program, async (tx) => {
    const [state] = await loadStates(tx, program, [member]);
    if (state === undefined || state.status === 'erased') return null;
    const people = [state, ...(state.absorbed ?? []).map((one) => ({ ...one, member_id: one.member }))];
    const profiles = await loadProfiles(
      tx,
      program,
      people.map(({ member_id }) => member_id),
    );
    const partOf = ({ member_id, external_id }: (typeof people)[number]): Part => ({
      id: external_id,
      member: member_id,
      guestHashes: (profiles.get(member_id)?.identities ?? []).flatMap(
        (identity) => guestHash(program, identity) ?? [],
      ),
    });
    const entry = { at: now, action: 'member.exported', author, member, subject: null, details: {} } as const;
    await insertAudit(tx, program, [{ ...entry, request_id, actor }]);
    const [first, ...others] = people.map(partOf);
    return first === undefined ? null : ([first, ...others] as const);
  });
  return found === null ? 'erased' : written(database, program, found, now);
};
