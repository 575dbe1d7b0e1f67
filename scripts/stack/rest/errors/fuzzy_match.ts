// Finds the name most like another one, for hints such as "Perhaps you meant ...".

const GRAM_SIZES = [3, 2] as const;

function normalize(text: string): string {
  return `-${text.toLowerCase().replace(/[^\p{L}\p{N}_, ]/gu, "")}-`;
}

function countGrams(text: string, size: number): Map<string, number> {
  const characters = Array.from(normalize(text));
  while (characters.length < size) characters.push("-");
  const grams = new Map<string, number>();
  for (let i = 0; i + size <= characters.length; i += 1) {
    const gram = characters.slice(i, i + size).join("");
    grams.set(gram, (grams.get(gram) ?? 0) + 1);
  }
  return grams;
}

function norm(grams: ReadonlyMap<string, number>): number {
  return Math.sqrt([...grams.values()].reduce((sum, count) => sum + count * count, 0));
}

function cosine(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let product = 0;
  for (const [gram, count] of a) product += count * (b.get(gram) ?? 0);
  return product === 0 ? 0 : product / (norm(a) * norm(b));
}

/** How many single-character edits lead from one text to the other. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_value, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(change, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}

/** A name and how like the other one it is, from 0 to 1. */
export interface FuzzyMatch {
  readonly name: string;
  readonly score: number;
}

/**
 * Finds the names like this one, the most like first.
 *
 * @param names Where to search.
 * @param wanted What to search for.
 * @param minimum How like it a name must be.
 */
export function findSimilar(
  names: readonly string[],
  wanted: string,
  minimum = 0.33,
): readonly FuzzyMatch[] {
  const exact = names.find((name) => name.toLowerCase() === wanted.toLowerCase());
  if (exact !== undefined) return [{ name: exact, score: 1 }];
  const lower = wanted.toLowerCase();
  for (const size of GRAM_SIZES) {
    const grams = countGrams(wanted, size);
    const near = names
      .map((name) => ({ name, likeness: cosine(grams, countGrams(name, size)) }))
      .filter(({ likeness }) => likeness > 0)
      .sort((a, b) => b.likeness - a.likeness)
      .slice(0, 50)
      .map(({ name }): FuzzyMatch => {
        const longest = Math.max(name.length, wanted.length);
        return { name, score: 1 - editDistance(name.toLowerCase(), lower) / longest };
      })
      .filter(({ score }) => score >= minimum)
      .sort((a, b) => b.score - a.score);
    if (near.length > 0) return near;
  }
  return [];
}
