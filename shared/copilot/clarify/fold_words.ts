// The words of a message as they are compared: without marks and case, as the database folds names.

/** Letters that no normal form takes apart. */
const LETTERS: Readonly<Record<string, string>> = {
  ø: "o",
  ł: "l",
  đ: "d",
  ß: "s",
  ı: "i",
};

/**
 * Folds a text into words.
 *
 * @param text Anything that somebody wrote.
 * @returns Lower-case words without marks; an apostrophe inside of a word stays, a possessive s goes.
 */
export function foldWords(text: string): string[] {
  const plain = text.normalize("NFKD").replaceAll(/[\u0300-\u036f\p{Cf}]/gu, "").toLowerCase()
    .replaceAll(/[’‘`]/g, "'").replaceAll(/[øłđßı]/g, (letter) => LETTERS[letter] ?? letter);
  return plain.split(/[^\p{L}\p{N}']+/u).flatMap((part) => {
    const word = part.replaceAll(/^'+|'+$/g, "");
    const isShort = /^(?:it|let|that|what|who)'s$/.test(word);
    const bare = isShort ? word : word.replace(/'s$/, "");
    return bare === "" ? [] : [bare];
  });
}
