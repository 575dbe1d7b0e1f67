// Reads what another service answered, up to a size: a third party decides neither how much memory we
// spend on its answer nor whether it is JSON.

/**
 * Reads the text of an answer.
 *
 * @param response The answer; its body is read, or let go of when it is too long.
 * @param maxBytes The most that is read.
 * @returns The text, as UTF-8; null when it is longer.
 * @throws When the connection breaks.
 */
export async function readAnswerText(response: Response, maxBytes: number): Promise<string | null> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop cancels the rest
    if (bytes > maxBytes) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/**
 * Parses an answer that may not be JSON.
 *
 * @param text The answer.
 * @returns Its value; null where it is none.
 */
export function parseAnswer(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
