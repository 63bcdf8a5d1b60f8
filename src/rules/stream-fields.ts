import type { Stream } from '../model/stream.ts';

/** What has to be known of a member to tell a stream's events: what it asks for, and what it takes to write to somebody. */
export const fieldsToldTo = ({ fields, destination }: Stream): string[] => {
  if (destination.type !== 'email') return fields;
  return [...new Set([...fields, 'email', 'language', `consents.${destination.consent}`])];
};
