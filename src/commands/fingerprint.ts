import { hash } from 'node:crypto';

const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const object = value as Record<string, unknown>;
  return Object.fromEntries(
    Object.keys(object)
      .sort()
      .map((name) => [name, sorted(object[name])]),
  );
};

/** SHA-256 of what a request asks for: the same content in another order of properties is the same content. */
export const fingerprintOf = (method: string, route: string, parameters: unknown, body: unknown): Buffer =>
  hash('sha256', `${method} ${route} ${JSON.stringify(sorted(parameters))} ${JSON.stringify(sorted(body))}`, 'buffer');
