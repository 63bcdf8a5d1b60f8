import type { Refusal } from '../model/decision.ts';
import { ProblemError } from './problem-error.ts';

/** Turns a refusal into the answer it is. */
export const refused = ({ code, detail, errors }: Refusal): ProblemError =>
  new ProblemError(code, detail, errors === undefined ? {} : { errors: errors.map((fault) => ({ ...fault })) });

/** Passes on what is not a refusal. */
export const accepted = <T extends object>(result: T | Refusal): T => {
  if ('outcome' in result && result.outcome === 'refused') throw refused(result as Refusal);
  return result as T;
};
