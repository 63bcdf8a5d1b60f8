import { problems } from '../../src/model/problem-codes.ts';

/** docs/errors.md, out of the table of codes. */
export const errorsDocument = (): string => {
  const byStatus = Map.groupBy(Object.entries(problems), ([, problem]) => problem.status);
  const sections = [...byStatus]
    .sort(([a], [b]) => a - b)
    .map(([status, codes]) =>
      [`## ${status}`, ...codes.map(([code, { title, help }]) => `### \`${code}\`\n\n${title}. ${help}`)].join('\n\n'),
    );
  return [
    '# Errors',
    'Every answer that is not a success is `application/problem+json` (RFC 9457): `type` leads to the explanation below, `code` is stable and what a program should look at, `detail` says what happened this time, `errors` lists each fault with a JSON Pointer into the body (`/query/…`, `/path/…` and `/headers/…` for the rest of the request), and `request_id` is what to tell us. A refusal has changed nothing.',
    'Retry 429 and 503 after `Retry-After`, and any request whose answer was lost, with the same id or `Idempotency-Key`. Do not retry the others unchanged.',
    'This page is generated from `src/model/problem-codes.ts` by `npm run generate`.',
    ...sections,
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');
};
