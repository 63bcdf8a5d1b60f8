import type { CompiledCondition } from '../rules/conditions/compiled.ts';
import type { Subject } from '../rules/conditions/subject.ts';

/** The values a condition reads, by field in text form: what a decision was taken on. */
export const factsOf = ({ reads }: CompiledCondition, subject: Subject): Record<string, unknown> =>
  Object.fromEntries(reads.map(({ text, read }) => [text, read(subject) ?? null]));
