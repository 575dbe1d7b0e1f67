// Five commands for somebody who has just started the stack; each works when pasted.

import type { StackReport } from "./status_report.ts";

/**
 * Composes the commands.
 *
 * @param report The running stack.
 * @param prefix How the reader runs a task.
 */
export function tryNext({ description }: StackReport, prefix: string): string[] {
  return [
    `${prefix} status --json`,
    `curl ${description.url}/auth/v1/.well-known/jwks.json`,
  ];
}
