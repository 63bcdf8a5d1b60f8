import type { Configuration } from '../model/configuration.ts';
import type { Fault } from '../model/problem.ts';

/** What of the policies their schemas cannot say. */
export const checkPolicies = ({ policies }: Configuration): Fault[] =>
  policies.burn_limits.flatMap(({ times, points }, index) =>
    times !== null || points !== null
      ? []
      : [
          {
            pointer: `/policies/burn_limits/${index}`,
            code: 'required',
            detail: 'neither times nor points',
            expected: 'times, points or both',
          },
        ],
  );
