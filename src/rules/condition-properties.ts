import type { Condition } from '../model/condition.ts';
import type { ResourceKind } from '../model/configuration.ts';
import { resourceKinds, resourceSchemas } from '../model/configuration-document.ts';
import { conditionText } from './conditions/text.ts';

const byKind = new Map(
  resourceKinds.map((kind) => [
    kind,
    Object.entries(resourceSchemas[kind].properties)
      .filter(([, schema]) => JSON.stringify(schema).includes('"Condition#"'))
      .map(([name]) => name),
  ]),
);

/** The properties of a kind of resource that are conditions: their schemas refer to that of conditions. */
export const conditionProperties = (kind: ResourceKind): readonly string[] => byKind.get(kind) ?? [];

/** What is shown beside the conditions of a body: `condition_text` of `condition`, null where there is none. */
export const conditionTexts = (kind: ResourceKind, body: object): Record<string, string | null> => {
  const values = new Map<string, Condition | null>(Object.entries(body));
  return Object.fromEntries(
    conditionProperties(kind).map((name) => {
      const condition = values.get(name) ?? null;
      return [`${name}_text`, condition === null ? null : conditionText(condition)];
    }),
  );
};
