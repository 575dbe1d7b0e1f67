// How a check ends: the findings one to a line, and an exit code that a gate can read.

/** What is wrong, and where: `path: what`. */
export type Finding = string;

/**
 * Prints the findings of a check and ends the process.
 *
 * @param name What was checked.
 * @param findings What is wrong; nothing means that all is well.
 */
export function reportFindings(name: string, findings: readonly Finding[]): never {
  for (const finding of findings) console.error(`${name}: ${finding}`);
  if (findings.length === 0) console.log(`${name}: clean`);
  Deno.exit(findings.length === 0 ? 0 : 1);
}
