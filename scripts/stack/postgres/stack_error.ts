// The error that a person at the keyboard can act on: what is wrong, and the way out.

/** Something about this machine or data folder keeps the stack from running. */
export class StackError extends Error {
  override readonly name = "StackError";
  /** What the reader does next, as a sentence or a command. */
  readonly wayOut: string;

  /**
   * @param message What is wrong, with the actual state.
   * @param wayOut What to do about it.
   * @param options The underlying failure, where there is one.
   */
  constructor(message: string, wayOut: string, options?: ErrorOptions) {
    super(message, options);
    this.wayOut = wayOut;
  }
}
