/** Edits (insert, delete, replace a character, exchange two neighbours) that turn one text into the other. */
const distance = (a: string, b: string): number => {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const exchanged = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = exchanged ? (before[j - 2] ?? 0) + 1 : replaced;
      current.push(Math.min(replaced, swapped, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    before = previous;
    previous = current;
  }
  return previous[b.length] ?? 0;
};

/** A third of the letters may be wrong, and at least one: beyond that it is a guess, not a slip. */
const slip = (text: string): number => Math.max(1, Math.floor(text.length / 3));

/** The known name that was probably meant, or null. */
export const closest = (written: string, known: readonly string[]): string | null => {
  const slips = slip(written);
  const [best] = known
    .filter((name) => Math.abs(name.length - written.length) <= slips)
    .map((name) => ({ name, edits: distance(written, name) }))
    .filter(({ edits }) => edits <= slips)
    .sort((a, b) => a.edits - b.edits);
  return best?.name ?? null;
};

/** Names listed at most; a program can have hundreds. */
const LISTED_MAX = 20;

/** What a fault says was expected where one of some names should stand. */
export const oneOf = (written: string, known: readonly string[]): string => {
  const listed = known.length > LISTED_MAX ? `${known.slice(0, LISTED_MAX).join(', ')}, …` : known.join(', ');
  const meant = closest(written, known);
  return `one of ${listed}${meant === null ? '' : `; did you mean ${meant}?`}`;
};
