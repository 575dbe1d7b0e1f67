// Takes secrets and personal data out of a text that is about to be logged. The logger's list of
// allowed fields is the first wall; this one is for what slips into a permitted field.

const MAX_LENGTH = 300;

/** What is replaced, and by what. Order matters: whole tokens before what they contain. */
const PATTERNS: ReadonlyArray<readonly [RegExp, string]> = [
  // Tokens with three dotted parts, also inside headers and addresses
  [/\beyJ[\w-]{6,}\.[\w-]{2,}(?:\.[\w-]*)?/g, "[token]"],
  [/\b(?:Bearer|Basic|Digest|Token)\s+[\w+/=.~:-]{6,}/gi, "[credential]"],
  // Keys of the services that we talk to, by the prefix that they themselves use
  [
    /\b(?:sb_(?:secret|publishable)_|whsec_|sk-|sk_live_|rk_live_|xox[abeprs]-|ghp_|gho_|ya29\.|1\/\/0|GOCSPX-|AIza|AKIA|ASIA|AC[0-9a-f]{6})[\w+/=.-]{6,}/g,
    "[secret]",
  ],
  [/-----BEGIN [A-Z ]+-----[\s\S]*?(?:-----END [A-Z ]+-----|$)/g, "[secret]"],
  // name=value and "name":"value" for names that mean a secret
  [
    /(["']?\b[\w-]*(?:password|passwd|secret|token|api[_-]?key|apikey|authorization|cookie|signature|credential|session|code_verifier)[\w-]*["']?\s*[:=]\s*)(?:"[^"]*"|'[^']*'|[^\s,;&}]+)/gi,
    "$1[secret]",
  ],
  // Credentials, queries and fragments of addresses
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi, "$1[credential]@"],
  [/\b([a-z][a-z0-9+.-]*:\/\/[^\s?#"']+)[?#][^\s"']*/gi, "$1?[query]"],
  // People
  [/[^\s@<>"'(),;:]+@[^\s@<>"'(),;:]+\.[\p{L}]{2,}/gu, "[email]"],
  [/\b[A-Z]{2}\d{2}[ ]?(?:[A-Z0-9]{4}[ ]?){2,7}[A-Z0-9]{1,4}\b/g, "[number]"],
  [/\b(?:\d[ -]?){13,19}\b/g, "[number]"],
  [/(?:\+|\b00)\d[\d ().-]{6,}\d/g, "[phone]"],
  [/\(\d{3}\)\s?\d{3}[-. ]\d{4}|\b\d{3}[-. ]\d{3}[-. ]\d{4}\b/g, "[phone]"],
  [/\b\d{3}-\d{2}-\d{4}\b/g, "[number]"],
  [/\b(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)\b/g, "[address]"],
  [
    /\b(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{0,4}\b|\b(?:[0-9a-f]{1,4}:){1,6}:[0-9a-f]{0,4}/gi,
    "[address]",
  ],
  // Long runs without a space are keys more often than words; ids of ours have hyphens
  [/\b[A-Za-z0-9+/_]{40,}={0,2}/g, "[secret]"],
];

/** Line breaks, terminal escapes and invisible direction marks, which could forge or hide a line. */
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/** What almost every value looks like: a code or a name of ours. Needs no second look. */
const PLAIN = /^(?!sb_|whsec_|sk[-_]|rk_|xox|gh[po]_|ya29|ey)[a-z][a-z_.:-]{0,47}$/;
const METHOD = /^[A-Z]{3,7}$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Makes a text safe to log: no secrets, no personal data, one line, at most 300 characters.
 *
 * @param text Any text.
 * @returns The text with what must not be logged replaced by what it was.
 */
export function redact(text: string): string {
  if (PLAIN.test(text) || METHOD.test(text) || UUID.test(text)) return text;
  // Cut first, so that a huge text costs nothing; generous, so that a cut secret is still known
  let safe = text.slice(0, MAX_LENGTH * 4).replace(CONTROL, " ");
  for (const [pattern, replacement] of PATTERNS) safe = safe.replace(pattern, replacement);
  return safe.length > MAX_LENGTH ? `${safe.slice(0, MAX_LENGTH - 1)}…` : safe;
}
