import { table, times } from './table.ts';

/** Something that has to hold, with what was measured. */
export interface Target {
  readonly what: string;
  readonly measured: number;
  readonly bound: number;
  /** Whether the measured value has to be at least, or at most, the bound. */
  readonly sense: 'at least' | 'at most';
  /** What one would like to see beyond the bound. */
  readonly aim?: number;
  readonly unit?: 'times' | 'MB';
}

const shown = (value: number, unit: Target['unit']): string =>
  unit === 'MB' ? `${Math.round(value)} MB` : times(value);

export const reached = ({ measured, bound, sense }: Target): boolean =>
  sense === 'at least' ? measured >= bound : measured <= bound;

export function targetTable(targets: readonly Target[]): string {
  const rows = targets.map((target) => [
    reached(target) ? 'reached' : 'NOT REACHED',
    target.what,
    shown(target.measured, target.unit),
    `${target.sense} ${shown(target.bound, target.unit)}${target.aim === undefined ? '' : `, aim ${shown(target.aim, target.unit)}`}`,
  ]);
  return table(['', 'target', 'measured', 'bound'], rows);
}
