// Reads the headers of a message that was composed by us.

/** The headers of a stored message. */
export interface EmailHeaders {
  /** The first value of a header, unfolded; null when there is none. */
  get(name: string): string | null;
}

/**
 * Reads headers.
 *
 * @param raw RFC 5322 in base64url.
 * @returns The headers, whatever the case of their names.
 * @throws {DOMException} When it is not base64url.
 */
export function readEmailHeaders(raw: string): EmailHeaders {
  const message = atob(raw.replaceAll("-", "+").replaceAll("_", "/"));
  const [head = ""] = message.split("\r\n\r\n", 1);
  const values = new Map<string, string>();
  for (const line of head.replaceAll(/\r\n[ \t]+/g, " ").split("\r\n")) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    if (colon > 0 && !values.has(name)) values.set(name, line.slice(colon + 1).trim());
  }
  return { get: (name) => values.get(name.toLowerCase()) ?? null };
}

/**
 * The address in a From header.
 *
 * @param value The header's value.
 * @returns The address in lower case; null when there is none.
 */
export function addressOf(value: string | null): string | null {
  const address = /<([^<>]+)>\s*$/.exec(value ?? "")?.[1] ?? value;
  return address?.includes("@") ? address.trim().toLowerCase() : null;
}
