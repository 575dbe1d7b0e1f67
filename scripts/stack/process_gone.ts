/**
 * Says whether reading a process's files failed because it is not there, or has just ended.
 *
 * @param error What was thrown. A file that was opened in time and read too late fails with ESRCH,
 *   for which there is no class and, in an answer to a read, no code either.
 */
export function isProcessGone(error: unknown): boolean {
  if (error instanceof Deno.errors.NotFound) return true;
  return error instanceof Error && /ESRCH|No such process/.test(error.message);
}
