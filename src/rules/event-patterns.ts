/** Whether a type of event is one of those that a stream's patterns stand for: a type, all of a kind (`points.*`), or all. */
export const matchesPattern = (patterns: readonly string[], type: string): boolean =>
  patterns.some(
    (pattern) =>
      pattern === '*' || pattern === type || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1))),
  );
