import type { Problem } from '../../src/model/problem.ts';
import type { Answer } from './client.ts';

/** A request that was answered, and not with success. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;

  constructor(what: string, { status, body }: Answer) {
    super(`${what}: ${status} ${inWords(body)}`);
    this.status = status;
  }
}

export const isSuccess = ({ status }: Answer): boolean => status >= 200 && status < 300;

function inWords(body: unknown): string {
  const { code, detail, errors, request_id } = (body ?? {}) as Partial<Problem>;
  if (code === undefined) return JSON.stringify(body);
  const faults = errors?.map((fault) => `${fault.pointer} ${fault.detail}`) ?? [];
  return [`${code}: ${detail}`, ...faults, `(request ${request_id})`].join(' · ');
}
