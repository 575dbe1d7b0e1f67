// Five commands for somebody who has just started the stack; each works when pasted.

/**
 * Composes the commands.
 *
 * @param prefix How the reader runs a task.
 */
export function tryNext(prefix: string): string[] {
  return [
    `${prefix} demo worlds                                  # what two rivals see`,
    `${prefix} demo calendar                                # bring Sarah's Google calendar in`,
    `${prefix} demo ask "What meetings do I have today?"    # ask the copilot as Sarah`,
    `${prefix} demo record                                  # a meeting is recorded; its webhook arrives`,
    `${prefix} demo search pricing                          # search what was said`,
  ];
}
