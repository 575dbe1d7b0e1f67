/**
 * Reads a pipe line by line.
 *
 * @param pipe UTF-8 text.
 * @returns Its lines, those that are complete.
 */
export async function* readLines(
  pipe: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string, void> {
  let pending = "";
  for await (const text of pipe.pipeThrough(new TextDecoderStream())) {
    const lines = (pending + text).split("\n");
    pending = lines.pop() ?? "";
    yield* lines;
  }
}
