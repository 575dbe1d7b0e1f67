// The one way we write a digest down.

/**
 * Makes a digest.
 *
 * @param data Bytes, or text taken as UTF-8.
 * @returns SHA-256 in 64 lower-case hexadecimal digits.
 */
export async function sha256Hex(data: string | Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
