// The only place that writes to the console: one line, already safe.

/** Writes one finished line. */
export type WriteLine = (line: string) => void;

/**
 * Writes a line to the platform's log.
 *
 * @param line A line made by the logger.
 */
export function writeLine(line: string): void {
  // deno-lint-ignore no-console
  console.log(line);
}
