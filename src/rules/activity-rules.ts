import type { ActivityType } from '../model/activity-type.ts';
import type { Configuration } from '../model/configuration.ts';
import type { ContextField } from '../model/context-field.ts';
import { builtInActivities } from './built-in-activities.ts';
import type { Dependencies } from './conditions/dependencies.ts';
import { inForce } from './resources.ts';

/** What members may be reported to have done, with what fields, and what the engine records by itself. */
export interface ActivityRules {
  /** Built in and declared, by code. */
  readonly activityTypes: ReadonlyMap<string, ActivityType>;
  readonly contextFields: ReadonlyMap<string, ContextField>;
  /** Whether some rule or condition looks at birthdays: only then are they recorded. */
  readonly firesBirthday: boolean;
  readonly firesAnniversary: boolean;
}

/** `read` is what the conditions of the configuration depend on. */
export const compileActivities = (configuration: Configuration, read: readonly Dependencies[]): ActivityRules => {
  const fires = (type: 'birthday' | 'anniversary'): boolean =>
    inForce(configuration.earn_rules).some(([, rule]) => rule.trigger === type) ||
    read.some((dependencies) => dependencies.activities.includes(type));
  return {
    activityTypes: new Map([...inForce(configuration.activity_types), ...builtInActivities]),
    contextFields: new Map(inForce(configuration.context_fields)),
    firesBirthday: fires('birthday'),
    firesAnniversary: fires('anniversary'),
  };
};
