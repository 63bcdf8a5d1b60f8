import type { Configuration, Resource, ResourceBodies, ResourceKind, Resources } from '../model/configuration.ts';

/** The resource of this code, archived or not. Never what every object inherits. */
export const findResource = <K extends ResourceKind>(
  configuration: Configuration,
  kind: K,
  code: string,
): Resource<ResourceBodies[K]> | undefined => {
  const resources: Resources[K] = (configuration as Resources)[kind];
  return Object.hasOwn(resources, code) ? resources[code] : undefined;
};

/** Codes and bodies of the resources that are in force, in the order of their codes. */
export const inForce = <B>(resources: Readonly<Record<string, Resource<B>>>): (readonly [string, B])[] =>
  Object.entries(resources)
    .filter(([, resource]) => !resource.archived)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, resource]) => [code, resource.body]);
