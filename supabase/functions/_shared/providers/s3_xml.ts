// The little of XML that S3's answers need. They are flat lists of elements with text; nothing else
// of the language is read.

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

/**
 * Reads the text of the first element of a name.
 *
 * @param xml A document or the inside of an element.
 * @param name The element.
 * @returns Its text, or null when there is none.
 */
export function elementText(xml: string, name: string): string | null {
  const text = new RegExp(`<${name}(?:\\s[^>]*)?>([^<]*)</${name}>`).exec(xml)?.[1];
  return text === undefined ? null : unescapeXml(text);
}

/**
 * Cuts out every element of a name.
 *
 * @param xml A document.
 * @param name The element, which does not hold another one of its name.
 * @returns The insides, in order.
 */
export function elements(xml: string, name: string): string[] {
  const pattern = new RegExp(`<${name}(?:\\s[^>]*)?>([\\s\\S]*?)</${name}>`, "g");
  return [...xml.matchAll(pattern)].map(([, inside = ""]) => inside);
}

/**
 * Writes a text so that it can stand in an element.
 *
 * @param text Any text.
 * @returns The text, escaped.
 */
export function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function unescapeXml(text: string): string {
  return text.replace(/&(#x[0-9a-f]+|#\d+|\w+);/gi, (entity, name: string) => {
    if (!name.startsWith("#")) return ENTITIES[name] ?? entity;
    const isHex = /^#x/i.test(name);
    return String.fromCodePoint(parseInt(name.slice(isHex ? 2 : 1), isHex ? 16 : 10));
  });
}
