// A dictionary of made-up words, and words of it with one letter that is wrong. The same ones each time.
export interface Correction {
  readonly word: string;
  readonly nearest: string;
}

const SYLLABLES = 'ba ce di fo gu la me ni po ru sa te vi zo'.split(' ');
const COUNT = SYLLABLES.length;

export const DICTIONARY: readonly string[] = Array.from({ length: COUNT ** 3 }, (_, n) =>
  [n % COUNT, Math.floor(n / COUNT) % COUNT, Math.floor(n / COUNT ** 2)].map((index) => SYLLABLES[index]).join(''),
);

/** Every seventh word and so on, each with its third letter replaced. */
export function misspelt(count: number): string[] {
  return Array.from({ length: count }, (_, n) => {
    const word = DICTIONARY[(n * 7) % DICTIONARY.length]!;
    return `${word.slice(0, 2)}x${word.slice(3)}`;
  });
}
