// Seven commands for somebody who has just started the stack; each works when pasted.

/**
 * Composes the commands.
 *
 * @param prefix How the reader runs a task.
 * @param place Where the stack keeps its data, as an option; empty for the usual place.
 */
export function tryNext(prefix: string, place = ""): string[] {
  // No comments behind them: zsh takes those for arguments when a line is pasted.
  return [
    `${prefix} demo`,
    `${prefix} demo copilot`,
    `${prefix} demo worlds`,
    `${prefix} demo calendar`,
    `${prefix} demo ask "What meetings do I have today?"`,
    `${prefix} demo record`,
    `${prefix} demo search pricing`,
  ].map((line) => line + place);
}
