// Plain text out of whatever a model writes: no markup, no pictures, no invisible characters, and no
// address but those of fields that the person's own records hold.

/** What a text became. */
export interface Cleaned {
  readonly text: string;
  /** How many pieces were taken out. */
  readonly removed: number;
}

/** Controls, formats, fillers and the characters in which words are hidden from people. */
const INVISIBLE =
  /(?![\n\t])[\p{Cc}\p{Cf}\p{Co}]|[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\uffa0\ufe00-\ufe0d\u{e0100}-\u{e01ef}]/gu;
const IMAGE = /!\[[^\]]*\](?:\([^)]*\)?|\[[^\]]*\])?/g;
const REFERENCE = /^ {0,3}\[[^\]\n]+\]:.*$/gm;
const LINK = /\[([^\]]*)\]\(([^)]*)\)?/g;
const HIDDEN_HTML =
  /<(script|style|iframe|svg|template|object)\b[^]*?(?:<\/\1\s*>|$)|<!--[^]*?(?:-->|$)/gi;
const AUTOLINK = /<((?:[a-z][a-z0-9+.-]*:|www\.)[^<>\s]*)>/gi;
const TAG = /<\/?[a-z!?][^<>]*(?:>|$)/gi;
/** Also what clients make links of although it has no scheme: email addresses and hosts. */
const ADDRESS = new RegExp(
  [
    String
      .raw`(?<![\p{L}\p{N}])(?:https?|ftps?|wss?|file|slack|tel|sms|facetime|mailto|javascript|data|vbscript|blob|intent):\S+`,
    String.raw`\/\/(?=[\p{L}\p{N}])\S*`,
    String.raw`[\p{L}\p{N}._%+-]+@(?:[\p{L}\p{N}-]+\.)+[\p{L}\p{N}-]{2,}`,
    String
      .raw`(?<![\p{L}\p{N}])(?:(?:\d{1,3}\.){3}\d{1,3}|(?:[\p{L}\p{N}-]+\.)+[\p{L}\p{N}-]{2,})(?::\d+)?(?:[/?#]\S*)?`,
  ].join("|"),
  "giu",
);
/** Whatever is left of a tag reads as text. */
const TAG_START = /<(?=[a-z!?/])/gi;
const ROUNDS_MAX = 5;
const CLOSING = /[.,;:!?'"”’)\]}>]+$/;

/** Which addresses may stay. */
export interface KnownAddresses {
  readonly links: ReadonlySet<string>;
  /** Email addresses and domains, in lower case. */
  readonly addresses: ReadonlySet<string>;
}

/**
 * Cleans a text.
 *
 * @param text What a model wrote; whole lines or sentences.
 * @param known The addresses that may stay.
 */
export function plainTextOf(text: string, known: KnownAddresses): Cleaned {
  const visible = text.replace(INVISIBLE, "");
  const hidden = countOf(text, INVISIBLE);
  const asWritten = withoutMarkup(visible, known);
  const shown = visible.normalize("NFKC");
  if (shown === visible) return { ...asWritten, removed: asWritten.removed + hidden };
  // Letters of another width may become an address where they are shown
  const asShown = withoutMarkup(shown, known);
  const { text: plain, removed } = asShown.removed > 0 ? asShown : asWritten;
  return { text: plain, removed: removed + hidden };
}

/** What was taken out may have kept apart what is markup when it stands together. */
function withoutMarkup(text: string, known: KnownAddresses): Cleaned {
  let cleaned: Cleaned = { text, removed: 0 };
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const next = takeMarkupOut(cleaned.text, known);
    cleaned = { text: next.text, removed: cleaned.removed + next.removed };
    if (next.removed === 0) break;
  }
  return { ...cleaned, text: cleaned.text.replaceAll(TAG_START, "‹") };
}

function takeMarkupOut(text: string, known: KnownAddresses): Cleaned {
  const count = { removed: 0 };
  const takeOut = (): string => {
    count.removed++;
    return "";
  };
  const keepKnown = (address: string): string => {
    const end = CLOSING.exec(address)?.[0] ?? "";
    if (isKnown(address.slice(0, address.length - end.length), known)) return address;
    count.removed++;
    return `(link removed)${end}`;
  };
  const plain = text
    .replace(HIDDEN_HTML, takeOut)
    .replace(IMAGE, takeOut)
    .replace(REFERENCE, takeOut)
    .replace(LINK, (_, label: string, target: string) => {
      const address = target.trim().split(/\s/)[0] ?? "";
      if (known.links.has(address)) return label === address ? address : `${label} (${address})`;
      count.removed++;
      return label;
    })
    .replace(AUTOLINK, "$1")
    .replace(TAG, takeOut)
    .replace(ADDRESS, (word: string) => isAddressLike(word) ? keepKnown(word) : word);
  return { text: plain, removed: count.removed };
}

function countOf(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}

function isKnown(address: string, { links, addresses }: KnownAddresses): boolean {
  if (links.has(address)) return true;
  const plain = address.toLowerCase().replace(/^mailto:/, "");
  return !/[/?#:]/.test(plain) && addresses.has(plain);
}

/** "3.5", "e.g." and "v2.1" are no addresses; "acme.test" and "acme.co/x" are. */
function isAddressLike(word: string): boolean {
  if (/@|^\/\/|^[a-z]+:/i.test(word)) return true;
  const host = word.split(/[:/?#]/)[0] ?? "";
  const top = host.slice(host.lastIndexOf(".") + 1);
  const isNumeric = /^[\d.]+$/.test(host);
  if (isNumeric) return /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host);
  return top.length > 1 && /^\p{L}/u.test(top) && !/^(?:[\p{L}]\.)+[\p{L}]$/u.test(host);
}
